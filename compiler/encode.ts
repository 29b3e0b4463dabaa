import type { Compiled } from './compile.ts';
import type { Program } from './program.ts';

/**
 * A program whose WebAssembly text is replaced by the module itself, which is what a runtime takes; any other program as
 * it is. Binaryen is loaded here and not before: programs that were compiled ahead never need it.
 * @throws Error when the text is not valid, which is a fault of the compiler
 */
export async function encode(program: Program): Promise<Program> {
  if (program.encoding !== 'wat') return program;
  const { default: binaryen } = await import('binaryen');
  const modules = program.modules.map((text) => {
    const module = binaryen.parseText(text);
    try {
      module.setFeatures(binaryen.Features.All);
      if (!module.validate()) throw new Error('encode: the module is not valid');
      return base64(module.emitBinary());
    } finally {
      module.dispose();
    }
  });
  return { ...program, encoding: 'wasm', modules };
}

/** `encode` for everything that was compiled together. */
export async function encodeAll({ programs, load, layout }: Compiled): Promise<Compiled> {
  const encoded = await Promise.all(programs.map(encode));
  return { programs: encoded, layout, ...(load === undefined ? {} : { load: await encode(load) }) };
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
