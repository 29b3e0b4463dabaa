import { tag, type Html } from '../../../verify/html/html.ts';
import type { GraphLine, Read, Write } from '../kernel-graph.ts';
import type { KernelReport } from '../report.ts';
import { showSeconds } from '../seconds.ts';
import { kindOf } from '../svg.ts';
import { codeId, kernelId, kernelLink, link } from './anchors.ts';
import { codeLanguage } from './code-view.ts';
import type { KernelView } from './content.ts';
import { measures, rates, totalsOf } from './measure.ts';
import type { SourceLine } from './source-lines.ts';

/** A kernel that folds: its numbers, and inside from the source lines that it comes from to the text that it runs. */
export function kernelView({ view, index, kernel, graph }: KernelView): Html {
  const { name: program, report } = view;
  return tag('details', { class: 'kernel', id: kernelId(program, index) },
    tag('summary', { class: 'row' },
      tag('span', { class: 'number' }, String(index)),
      tag('span', { class: 'name' }, tag('i', { class: `kind fill-${kindOf(kernel.name)}` }), kernel.name),
      ...measures(totalsOf([kernel]), report)),
    tag('div', { class: 'inside' },
      tag('p', { class: 'quiet' }, facts(kernel)),
      tag('h4', {}, 'Reads'), list(graph.reads.map((r) => read(program, r))),
      tag('h4', {}, 'Computes'), computed({ view, index, kernel, graph }),
      tag('h4', {}, 'Stores'), list(graph.writes.map((w) => stored(program, w))),
      code({ view, index, kernel, graph })));
}

function facts(kernel: KernelReport): string {
  const { workgroups, time, source } = kernel;
  const timed = time === null
    ? 'time not measured'
    : `median ${showSeconds(time.median)} (${showSeconds(time.least)} … ${showSeconds(time.most)}): ${rates(kernel)}`;
  return `from ${source} · ${workgroups.toLocaleString('en')} workgroup${workgroups === 1 ? '' : 's'} · ${timed}`;
}

const list = (items: readonly Html[]): Html => tag('ul', { class: 'graph' }, ...items);

/** Values of other kernels are told by the kernel; what is given, by what it is. */
const read = (program: string, { name, text, type, from }: Read): Html => tag('li', { class: 'line read' },
  tag('b', {}, name), ' ',
  ...(from === undefined ? [text] : ['of kernel ', kernelLink(program, from)]),
  tag('span', { class: 'type' }, ` : ${type}`));

const stored = (program: string, { name, type, to, kept }: Write): Html => tag('li', { class: 'line stored' },
  tag('b', {}, name), tag('span', { class: 'type' }, ` : ${type}`),
  ...kept.map((what) => tag('em', {}, ` ${what}`)),
  ...(to.length === 0 ? [] : [' for kernel', ...to.flatMap((k) => [' ', kernelLink(program, k)])]));

/** Source lines in the order in which values first need them, each with the values that it makes. */
function computed({ view, graph }: KernelView): Html {
  const groups = new Map<SourceLine | undefined, GraphLine[]>();
  for (const line of graph.computes) {
    const source = view.lines.of(line.place);
    groups.set(source, [...(groups.get(source) ?? []), line]);
  }
  const writes = new Set(graph.writes.map((w) => w.name));
  return tag('div', {}, ...[...groups].flatMap(([source, lines]) => [
    sourceTitle(source),
    list(lines.map(({ name, text, type }) => tag('li', { class: writes.has(name) ? 'line value stored' : 'line value' },
      tag('b', {}, name), ` = ${text}`, tag('span', { class: 'type' }, ` : ${type}`)))),
  ]));
}

const sourceTitle = (source: SourceLine | undefined): Html => (source === undefined
  ? tag('p', { class: 'source' }, 'of no source line')
  : tag('p', { class: 'source line' }, link(source.id, source.name), ' ', tag('code', {}, source.text ?? '')));

/** The text itself stands once in the page, below all kernels; a script brings it here. */
function code({ view: { name, program }, index }: KernelView): Html {
  const { module } = program.kernels[index];
  const others = program.kernels.flatMap((k, i) => (k.module === module && i !== index ? [i] : []));
  const shared = others.length === 0 ? '' : `, which ${others.length} more kernel${others.length === 1 ? '' : 's'} run`;
  return tag('details', { class: 'code', 'data-code': codeId(name, module) },
    tag('summary', {}, `${codeLanguage(program)}${others.length === 1 ? `${shared}s` : shared}`),
    tag('p', {}, link(codeId(name, module), 'Below, with the texts of all kernels')));
}
