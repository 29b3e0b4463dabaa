import { DEDUCED, type ReadText } from '../invariance/deductions.ts';
import { worstOf, type Change } from '../invariance/change.ts';
import type { Scoring } from '../invariance/over-steps.ts';
import type { LayerFacts } from '../operators/layers.ts';
import type { Invariance, VerifyReport } from '../report.ts';
import { page, table, tag, type Html } from './html.ts';
import { attentionMaps, deducedMaps, driftCurves, marginCurves, spectra } from './pictures.ts';
import { operatorRows, OPERATOR_TITLES } from '../operators/table.ts';
import { STYLE } from './style.ts';

/** What a page shows besides a report. */
export interface PageContent {
  /** What the model is called. */
  readonly name: string;
  readonly report: VerifyReport;
  /** What the first prompt made of the model; undefined where no operator is deduced. */
  readonly read: ReadText | undefined;
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
    ...(invariance === undefined || content.read === undefined ? [] : movement(invariance, content, content.read)),
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
    quiet('The largest difference of two logits that are equal by the law, and what roundings may make of it: ten times what rounding every value once to single precision does to these texts in the interpreter. ' +
      `Prompts of ${lawTexts.prompts.join(', ')} tokens, ${lawTexts.steps} tokens more.`),
    table(['law', '', 'largest', 'bound', 'compared', 'what must be equal'], rows, 'told'));
}

function movement(
  { between, over, operators, replaced, initial }: Invariance, { report, tokens, decode }: PageContent, read: ReadText,
): readonly Html[] {
  const moved: readonly (readonly [string, Change | undefined])[] = [
    ['between two prompts', between.prompts], ['another last quarter', between.suffixes],
    ['to the empty prompt', between.empty], [`after ${over.steps.length - 1} tokens more`, over.steps.at(-1)?.change],
    ['two prompts, untrained', initial.prompts],
  ];
  const rows = moved.flatMap(([what, change]) => (change === undefined ? [] : [[what, ...percents(change)]]));
  const parted = over.firstDifference === undefined
    ? 'Greedy texts are the same.'
    : `Greedy texts part at token ${over.firstDifference + 1}.`;
  const safe = over.steps.filter((s) => s.safe).length;
  return [
    tag('section', {}, tag('h2', {}, 'Movement with the text'),
      quiet('Relative change of the layer that moves most. Measured, and nothing that must hold.'),
      table(['', ...DEDUCED], rows),
      driftCurves(over)),
    tag('section', {}, tag('h2', {}, 'G of the prompt against G made anew'),
      tag('blockquote', {}, tokens.join('').replace(/▁/g, ' ').trim(), tag('strong', {}, ` ${decode(over.ids)}`)),
      tag('p', {}, `${parted} ${safe} of ${over.steps.length} tokens are safe: the margin of the chosen token is more ` +
        'than twice what the logits differ by.'),
      table(['loss per token', 'prompt’s G', 'made anew', 'whole text’s G'],
        scoringRows(over.scoring)),
      marginCurves(over)),
    tag('section', {}, tag('h2', {}, 'Other operators'),
      quiet('The same prompt goes on, and a text is scored, with G replaced.'),
      table(['G', 'loss', 'perplexity', 'continues'],
        replaced.map((r) => [r.name, r.loss.toFixed(4), r.perplexity.toFixed(2), decode(r.ids)]), 'told')),
    tag('section', {}, tag('h2', {}, 'Operators'),
      quiet('Of the heads, the smallest … the largest; rank: singular values above σ₁ · n · 2⁻²³; RMSE: over entries ' +
        'and pairs of heads.'),
      operatorTable(operators),
      tag('details', {}, tag('summary', {}, 'The same before any training'), operatorTable(initial.operators)),
      ...spectra(operators)),
    tag('section', {}, tag('h2', {}, 'What each layer deduces from the first prompt'),
      ...deducedMaps(read, report.config)),
    tag('section', {}, tag('h2', {}, 'Attention over the first prompt'), ...attentionMaps(read, tokens)),
  ];
}

const quiet = (text: string): Html => tag('p', { class: 'quiet' }, text);

const scoringRows = (s: Scoring): readonly (readonly string[])[] => [
  ['mean', s.lossFrozen.toFixed(4), s.lossAnew.toFixed(4), s.lossWhole.toFixed(4)],
  ['largest difference', small(s.largestFrozen), '0', small(s.largestWhole)],
];

const operatorTable = (layers: readonly LayerFacts[]): Html =>
  table(OPERATOR_TITLES, operatorRows(layers));

const percents = (change: Change): readonly string[] => {
  const worst = worstOf(change);
  return DEDUCED.map((name) => percent(worst[name]));
};

const percent = (x: number): string => `${(100 * x).toPrecision(3)} %`;

const small = (x: number): string => (x === 0 ? '0' : x.toExponential(1));
