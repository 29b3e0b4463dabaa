import type { Program } from '../../compiler/program.ts';
import { RicciError } from '../../dsl/errors.ts';

/** The module of a program. @throws RicciError `runtime/needs` for one that was compiled for another kind of device */
export function moduleBytes(program: Program): Uint8Array {
  if (program.encoding === 'wasm') return Uint8Array.from(atob(program.modules[0]), (c) => c.charCodeAt(0));
  throw new RicciError({
    code: 'runtime/needs',
    message: `The program "${program.name}" is ${program.encoding}, and a CPU runs WebAssembly.`,
    hint: program.encoding === 'wat' ? 'Pass it through `encode` first.' : 'Compile it again for this device.',
  });
}
