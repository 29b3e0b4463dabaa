import type { Program } from '../../compiler/program.ts';

/** The text of every module, each under the names of the kernels that run it. */
export const showModules = (programs: readonly Program[]): string =>
  programs.map((p) => (p.encoding === 'wgsl' ? showWgsl(p) : showWat(p))).join('\n');

const showWgsl = (p: Program): string =>
  p.modules
    .map((text, module) =>
      `// === ${p.name}, module ${module}: kernel ${kernelsOf(p, module).join(', ')} ===\n${text.trimEnd()}\n`)
    .join('\n');

/** One module for a program, whose functions `$k0`, `$k1`, … are its kernels. */
function showWat(p: Program): string {
  const functions = [...new Set(p.kernels.map((k) => k.module))].sort((a, b) => a - b);
  const names = functions.map((f) => `;; $k${f} is kernel ${kernelsOf(p, f).join(', ')}`);
  return `;; === ${p.name} ===\n${names.join('\n')}\n${p.modules.join('\n').trimEnd()}\n`;
}

const kernelsOf = (p: Program, module: number): readonly number[] =>
  p.kernels.flatMap((k, i) => (k.module === module ? [i] : []));
