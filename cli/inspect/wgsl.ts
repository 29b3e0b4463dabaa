import type { Program } from '../../compiler/program.ts';

/** The text of every module, each under the names of the kernels that run it. */
export const showModules = (programs: readonly Program[]): string =>
  programs
    .flatMap((p) =>
      p.modules.map((text, module) => {
        const kernels = p.kernels.flatMap((k, i) => (k.module === module ? [i] : []));
        return `// === ${p.name}, module ${module}: kernel ${kernels.join(', ')} ===\n${text.trimEnd()}\n`;
      }),
    )
    .join('\n');
