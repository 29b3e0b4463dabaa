import { tag, type Html } from '../../../verify/html/html.ts';

/** Names of the parts of a page, to which links lead. */
export const kernelId = (program: string, kernel: number): string => `${program}-kernel-${kernel}`;

/** The text that a kernel runs; several kernels may run one. */
export const codeId = (program: string, module: number): string => `${program}-code-${module}`;

export const link = (id: string, text: string, kind = ''): Html => tag('a', { class: kind, href: `#${id}` }, text);

/** A kernel by its number. */
export const kernelLink = (program: string, kernel: number): Html =>
  link(kernelId(program, kernel), String(kernel), 'number');
