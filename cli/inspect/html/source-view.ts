import { tag, type Html } from '../../../verify/html/html.ts';
import { kernelLink } from './anchors.ts';
import type { SourceLine, SourceLines } from './source-lines.ts';

/** From each line of the user's sources to the kernels that compute it. */
export function sourceView({ all }: SourceLines): Html {
  const files = new Map<string, SourceLine[]>();
  for (const line of all) files.set(line.file, [...(files.get(line.file) ?? []), line]);
  return tag('section', { id: 'source' }, tag('h2', {}, 'Source lines'),
    tag('p', { class: 'quiet' }, 'Every line of the model’s sources that is computed, and the kernels that do it.'),
    ...[...files].map(([file, lines]) => fileView(file, lines)));
}

const fileView = (file: string, lines: readonly SourceLine[]): Html => tag('details', { class: 'file' },
  tag('summary', {}, file, tag('span', { class: 'quiet' }, ` ${lines.length} line${lines.length === 1 ? '' : 's'}`)),
  ...lines.map(lineView));

const lineView = ({ id, name, line, text, kernels }: SourceLine): Html =>
  tag('div', { class: 'origin', id, 'data-name': name },
    tag('span', { class: 'number' }, String(line)), tag('code', {}, text ?? ''),
    tag('span', { class: 'kernels' }, ...[...kernels].map(([program, numbers]) => tag('span', {}, `${program} `,
      ...numbers.flatMap((k, i) => [i === 0 ? '' : ' ', kernelLink(program, k)])))));
