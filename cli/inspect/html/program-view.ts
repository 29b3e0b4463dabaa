import { table, tag, type Html } from '../../../verify/html/html.ts';
import { showBytes, showFlops } from '../../table.ts';
import { layOut } from '../drawing.ts';
import type { ProgramReport, TensorReport } from '../report.ts';
import { showTimes } from '../show.ts';
import { drawSvg } from '../svg.ts';
import { kernelId } from './anchors.ts';
import { codeView } from './code-view.ts';
import { kernelsOf, type ProgramView } from './content.ts';
import { formsView } from './forms-view.ts';
import { kernelView } from './kernel-view.ts';
import { MEASURES, measures, totalsOf } from './measure.ts';

/** One program: its drawing on one side, and on the other side what the drawing's boxes are. */
export const programView = (view: ProgramView): Html =>
  tag('section', { class: 'program', id: view.name },
    tag('h2', {}, `Program ${view.name}`), tag('p', { class: 'quiet' }, summary(view.report)),
    tag('div', { class: 'sides' },
      drawing(view),
      tag('div', { class: 'tree' },
        columnTitles('kernel'), ...layers(view),
        tag('h3', {}, 'Equal kernels together'), formsView(view),
        memory(view.report), codeView(view.program))));

function summary(
  { sizes, dispatches, pipelines, bytesRead, bytesWritten, flops, time, kernels }: ProgramReport,
): string {
  const at = Object.entries(sizes).map(([size, value]) => `${size} = ${value}`).join(', ');
  return `At ${at}: ${dispatches} kernels of ${pipelines} kinds · ${showBytes(bytesRead)} read, ` +
    `${showBytes(bytesWritten)} written · ${showFlops(flops)} · ` +
    (time === null ? 'time not measured' : showTimes(time, kernels));
}

function drawing({ name, report, graphs }: ProgramView): Html {
  const svg = drawSvg(layOut(graphs, report.kernels), `${name}: ${report.dispatches} kernels`,
    { id: `${name}-`, link: (kernel) => `#${kernelId(name, kernel)}` });
  const button = (act: string, sign: string, title: string): Html =>
    tag('button', { type: 'button', 'data-act': act, title, 'aria-label': title }, sign);
  return tag('figure', { class: 'graph-of' },
    tag('div', { class: 'tools' }, button('in', '+', 'Larger (+)'), button('out', '−', 'Smaller (−)'),
      button('whole', '⤢', 'All of it (0)')),
    tag('div', { class: 'canvas', tabindex: '0', 'aria-label': `Kernels of ${name} and what they read of each other` },
      { html: svg }));
}

const columnTitles = (what: string): Html => tag('div', { class: 'row titles' },
  tag('span', { class: 'number' }, '#'), tag('span', { class: 'name' }, what),
  ...MEASURES.map((title) => tag('span', { class: 'cell' }, title)));

/** Kernels in the order in which they run, folded as the drawing has columns. */
function layers(view: ProgramView): readonly Html[] {
  const all = kernelsOf(view);
  const { boxes, columns } = layOut(view.graphs, view.report.kernels);
  return columns.map((title, column) => {
    const kernels = all.filter((_, i) => boxes[i].column === column);
    return tag('details', { class: 'layer' },
      tag('summary', { class: 'row' },
        tag('span', { class: 'number' }), tag('span', { class: 'name' }, title,
          tag('span', { class: 'quiet' }, ` ${kernels.length} kernel${kernels.length === 1 ? '' : 's'}`)),
        ...measures(totalsOf(kernels.map((k) => k.kernel)), view.report)),
      ...kernels.map(kernelView));
  });
}

function memory({ arenaBytes, constantBytes, states, inputs, outputs }: ProgramReport): Html {
  const rows = (kind: string, tensors: readonly TensorReport[]): readonly (readonly string[])[] =>
    tensors.map((t) => [`${kind} ${t.name}`, showBytes(t.bytes), t.axes]);
  return tag('details', { class: 'memory' }, tag('summary', {}, 'Memory'), table(['', '', ''], [
    ['arena', showBytes(arenaBytes), 'values inside the program'], ['constants', showBytes(constantBytes), ''],
    ...rows('state', states), ...rows('input', inputs), ...rows('output', outputs),
  ], 'told'));
}
