import type { ReadText } from '../invariance/deductions.ts';
import type { Invariance, VerifyReport } from '../report.ts';
import { page, table, tag, type Html } from './html.ts';
import { measured } from './measured.ts';
import { percent, quiet, small } from './parts.ts';
import { STYLE } from './style.ts';

/** What a page shows besides a report. */
export interface PageContent {
  /** What the model is called. */
  readonly name: string;
  readonly report: VerifyReport;
  /** What the first prompt made of the model. */
  readonly read: ReadText;
  /** The pieces of the first prompt. */
  readonly tokens: readonly string[];
  /** Text of token ids. */
  readonly decode: (ids: readonly number[]) => string;
}

/** A report as one page of HTML that needs nothing else. */
export function reportPage(content: PageContent): string {
  const { name, report } = content;
  const { invariance, parameters, device, config } = report;
  return page(
    `${name} — verified`, STYLE,
    tag('h1', {}, name),
    quiet(`${parameters.toLocaleString('en')} parameters, ${config.layers} layers of ${config.heads} heads with ` +
      `${config.headDim} channels · ${device}`),
    headline(invariance),
    laws(report),
    ...measured(report, { ...content, config }),
  );
}

function headline(invariance: Invariance | undefined): Html {
  if (invariance === undefined) {
    return tag('div', {}, tag('p', { class: 'headline' }, 'G is fixed'),
      tag('p', {}, 'The operator is a part of the checkpoint, or the identity: no text moves it.'));
  }
  const { least, most } = invariance.between.G;
  return tag('div', {}, tag('p', { class: 'headline' }, `G moves by ${percent(least)} to ${percent(most)}`),
    tag('p', {}, 'between two prompts, all layers together. The cache keeps the G of the prompt.'));
}

function laws({ laws: results, lawTexts }: VerifyReport): Html {
  const rows = results.map((r) => [
    r.name, tag('span', { class: r.holds ? 'holds' : 'broken' }, r.holds ? 'holds' : 'broken'),
    small(r.largest), small(r.bound), String(r.compared), r.statement,
  ]);
  return tag('section', {}, tag('h2', {}, 'Exact laws'),
    quiet('The largest difference of two logits that are equal by the law, and what roundings may make of it: ten ' +
      'times what rounding every value once to single precision does to these texts in the interpreter. ' +
      `Prompts of ${lawTexts.prompts.join(', ')} tokens, ${lawTexts.steps} tokens more.`),
    table(['law', '', 'largest', 'bound', 'compared', 'what must be equal'], rows, 'told'));
}
