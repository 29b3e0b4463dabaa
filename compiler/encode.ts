import type { Compiled } from './compile.ts';
import { assembleText } from './emit/wasm/binary/assemble.ts';
import type { Program } from './program.ts';

/**
 * A program whose WebAssembly text is replaced by the module itself, which is what a runtime takes; any other program
 * as it is.
 * @throws Error for text that the emitter does not write, which is a fault of the compiler
 */
export function encode(program: Program): Program {
  if (program.encoding !== 'wat') return program;
  return { ...program, encoding: 'wasm', modules: program.modules.map((text) => base64(assembleText(text))) };
}

/** `encode` for everything that was compiled together. */
export function encodeAll({ programs, load, layout }: Compiled): Compiled {
  return { programs: programs.map(encode), layout, ...(load === undefined ? {} : { load: encode(load) }) };
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
