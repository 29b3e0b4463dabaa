import { page, tag, type Html } from '../../../verify/html/html.ts';
import { showBytes } from '../../table.ts';
import type { Report } from '../report.ts';
import { link } from './anchors.ts';
import type { PageContent, ProgramView } from './content.ts';
import { programView } from './program-view.ts';
import { SCRIPT } from './script.ts';
import { sourceLines } from './source-lines.ts';
import { sourceView } from './source-view.ts';
import { STYLE } from './style.ts';

/**
 * A model's programs as one page that needs nothing else: from a line of its source to the kernels that compute it and
 * to the text that they run, and back. Without JavaScript everything can still be read, folded and followed.
 */
export function inspectPage({ name, report, programs, graphs, sources }: PageContent): string {
  const lines = sourceLines(graphs, sources);
  const views = programs.map((program): ProgramView =>
    ({ name: program.name, program, report: report.programs[program.name], graphs: graphs[program.name], lines }));
  return page(
    `${name} — programs`, STYLE,
    tag('header', {}, tag('h1', {}, name), ...facts(report).map((text) => tag('p', { class: 'quiet' }, text))),
    toolbar(views),
    tag('main', {}, sourceView(lines), ...views.map(programView)),
    { html: `<script>${SCRIPT}</script>` },
  );
}

function facts({ config: c, device, operator, timedOn, parameters, weights }: Report): readonly string[] {
  const language = device === 'webgpu' ? 'compiled to WGSL for WebGPU' : 'compiled to WebAssembly for CPUs';
  return [
    `${c.layers} layers · ${c.heads} heads of ${c.headDim} · width ${c.hiddenSize} · vocabulary ${c.vocabSize} · ` +
      `context ${c.contextLength} · G ${operator} · ${parameters.toLocaleString('en')} parameters, ` +
      `${showBytes(weights.bytes)} of weights`,
    `${language} · ${timedOn === null
      ? 'not timed: ricci inspect --time measures each kernel on a device'
      : `timed on ${timedOn}, each kernel in its place in the whole program`}`,
  ];
}

/** Parts of the page, and what only a script can do. */
const toolbar = (views: readonly ProgramView[]): Html => tag('nav', {},
  link('source', 'Source lines'), ...views.map((v) => link(v.name, v.name)),
  tag('span', { class: 'scripted' },
    { html: '<input type="search" id="search" autocomplete="off" spellcheck="false" ' +
      'aria-label="Search kernels, values, source lines and weights" ' +
      'placeholder="Search: a weight, attention.ts:31, softmax, %12 …  ( / )">' },
    tag('output', { for: 'search' }),
    tag('button', { type: 'button', id: 'fold' }, 'Fold all')));
