import type { Program } from '../../../compiler/program.ts';
import { tag, type Html } from '../../../verify/html/html.ts';
import { codeId, kernelLink } from './anchors.ts';

/** What kernels are written in. */
export const codeLanguage = ({ encoding }: Program): string => (encoding === 'wgsl' ? 'WGSL' : 'WebAssembly text');

/** The text of every kernel, each once: a folded block for each, with the kernels that run it. */
export function codeView(program: Program): Html {
  const blocks = codeBlocks(program).map(({ module, text }) => {
    const kernels = program.kernels.flatMap((k, i) => (k.module === module ? [i] : []));
    const title = module === undefined
      ? ['What all of them share']
      : [program.encoding === 'wgsl' ? `Module ${module}: kernel` : `Function $k${module}: kernel`,
        ...kernels.flatMap((k) => [' ', kernelLink(program.name, k)])];
    const id = module === undefined ? `${program.name}-code` : codeId(program.name, module);
    return tag('details', { id }, tag('summary', {}, ...title), tag('pre', {}, tag('code', {}, text)));
  });
  return tag('details', { class: 'codes' },
    tag('summary', {}, `${codeLanguage(program)} of all kernels`), ...blocks);
}

/** A piece of a program's text, and the number by which kernels name it; what no kernel names is shared by all. */
export interface CodeBlock {
  readonly module: number | undefined;
  readonly text: string;
}

/** WGSL has a module for each distinct kernel; a WebAssembly module has a function for each, and what they call. */
export function codeBlocks({ encoding, modules }: Program): readonly CodeBlock[] {
  if (encoding === 'wgsl') return modules.map((text, module) => ({ module, text: text.trimEnd() }));
  const parts = modules.join('\n').trimEnd().split(/\n(?=\(func )/);
  const numbered = parts.map((text) => ({ number: /^\(func \$k(\d+) /m.exec(text)?.[1], text }));
  const shared = numbered.filter((p) => p.number === undefined).map((p) => p.text).join('\n');
  return [
    { module: undefined, text: shared },
    ...numbered.flatMap(({ number, text }) => (number === undefined ? [] : [{ module: Number(number), text }])),
  ];
}
