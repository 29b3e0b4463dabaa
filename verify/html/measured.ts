import type { PldrConfig } from '../../models/pldr/index.ts';
import { dagBesideInitial, orderBesideInitial, type BesideInitial } from '../ablation/beside-initial.ts';
import type { Replacement } from '../ablation/replaced.ts';
import { galleryOf, textGallery, type Drawn, type Gallery, type TextGallery } from '../gallery/index.ts';
import { worstOf, type Change } from '../invariance/change.ts';
import { deduced, deducedIn } from '../invariance/deductions.ts';
import type { OverSteps } from '../invariance/over-steps.ts';
import type { LayerFacts } from '../operators/layers.ts';
import { operatorRows, OPERATOR_TITLES } from '../operators/table.ts';
import type { Invariance, VerifyReport } from '../report.ts';
import { table, tag, type Html } from './html.ts';
import { drawn, folded, percent, quiet, section, small } from './parts.ts';

/** What the sections show besides what was measured. */
export interface MeasuredContent extends Drawn {
  readonly config: PldrConfig;
  /** Text of token ids. */
  readonly decode: (ids: readonly number[]) => string;
}

/** The sections of a page that tell what was measured of a model. */
export function measured(report: VerifyReport, content: MeasuredContent): readonly Html[] {
  const { invariance, operators: own } = report;
  const gallery = textGallery(content);
  const moving = invariance === undefined ? undefined : galleryOf(invariance, own, content);
  return [
    ...(invariance === undefined || moving === undefined ? [] : moved(invariance, moving, content)),
    replacements(report.replaced, content),
    operators(report, moving),
    besideInitial(dagBesideInitial(report)),
    section(invariance === undefined ? 'The operator of each layer' : 'What each layer deduces from the first prompt',
      ...gallery.deduced.map(drawn)),
    attention(gallery),
  ];
}

/** What is told of an operator that moves with the text. */
function moved(invariance: Invariance, gallery: Gallery, content: MeasuredContent): readonly Html[] {
  const order = orderBesideInitial(invariance);
  return [
    movement(invariance, gallery), ...(order === undefined ? [] : [besideInitial(order)]),
    steps(invariance.over, content, gallery),
  ];
}

function movement({ between, over, initial }: Invariance, { drift }: Gallery): Html {
  const moved: readonly (readonly [string, Change | undefined])[] = [
    ['between two prompts', between.prompts], ['another last quarter', between.suffixes],
    ['to the empty prompt', between.empty], [`after ${over.steps.length - 1} tokens more`, over.steps.at(-1)?.change],
    ['two prompts, untrained', initial.prompts],
  ];
  const rows = moved.flatMap(([what, change]) => (change === undefined ? [] : [[what, ...percents(change)]]));
  return section(
    'Movement with the text',
    quiet('Relative change of the layer that moves most. Measured, and nothing that must hold.'),
    table(['', ...deducedIn(between.prompts)], rows), drawn(drift),
  );
}

const percents = (change: Change): readonly string[] => {
  const worst = worstOf(change);
  return deducedIn(worst).map((name) => percent(deduced(worst, name)));
};

const besideInitial = ({ title, definition, columns, rows }: BesideInitial): Html =>
  section(title, quiet(definition.join(' ')), table(['', ...columns], rows));

function steps(over: OverSteps, { tokens, decode }: MeasuredContent, { margins, logProbabilities }: Gallery): Html {
  const { firstDifference, scoring: s } = over;
  const parted = firstDifference === undefined
    ? 'Greedy texts are the same.'
    : `Greedy texts part at token ${firstDifference + 1}.`;
  const safe = over.steps.filter((step) => step.safe).length;
  return section(
    'G of the prompt against G made anew',
    tag('blockquote', {}, tokens.join('').replace(/▁/g, ' ').trim(), tag('strong', {}, ` ${decode(over.ids)}`)),
    tag('p', {}, `${parted} ${safe} of ${over.steps.length} tokens are safe: the margin of the chosen token is more ` +
      'than twice what the logits differ by.'),
    table(['loss per token', 'prompt’s G', 'made anew', 'whole text’s G'], [
      ['mean', s.frozen.loss.toFixed(4), s.anew.loss.toFixed(4), s.whole.loss.toFixed(4)],
      ['log p of a token differs: half by at most', small(s.frozen.median), '', small(s.whole.median)],
      ['nine in ten by at most', small(s.frozen.ninetieth), '', small(s.whole.ninetieth)],
      ['all by at most', small(s.frozen.largest), '', small(s.whole.largest)],
    ]),
    drawn(logProbabilities), drawn(margins),
  );
}

const replacements = (list: readonly Replacement[], { decode }: MeasuredContent): Html => section(
  'Other operators', quiet('The same prompt goes on, and a text is scored, with G replaced.'),
  table(['G', 'loss', 'perplexity', 'continues'],
    list.map((r) => [r.name, r.loss.toFixed(4), r.perplexity.toFixed(2), decode(r.ids)]), 'told'),
);

const operators = ({ operators: own, invariance }: VerifyReport, moving: Gallery | undefined): Html => section(
  'Operators',
  quiet('Of the heads, the smallest … the largest; rank: singular values above σ₁ · n · 2⁻²³; RMSE: over entries ' +
    'and pairs of heads.'),
  operatorTable(own),
  ...(invariance === undefined ? []
    : [folded('The same before any training', operatorTable(invariance.initial.operators))]),
  ...(moving?.singularValues ?? []).map(drawn),
);

const operatorTable = (layers: readonly LayerFacts[]): Html => table(OPERATOR_TITLES, operatorRows(layers));

const attention = ({ attention: all, attentionMeans }: TextGallery): Html => section(
  'Attention over the first prompt', drawn(all),
  ...attentionMeans.map((mean, l) => folded(`Layer ${l}, mean of its heads`, drawn(mean))),
);
