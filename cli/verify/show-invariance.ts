import type { Tokenizer } from '../../models/pldr/index.ts';
import { deduced, deducedIn, worstOf, type Change, type Invariance, type OverSteps, type Replacement } from '../../verify/index.ts';
import { showTable } from '../table.ts';

/** What was measured of the operator's movement, as text. */
export function showInvariance({ between, over, initial }: Invariance, tokenizer: Tokenizer): string {
  const moved: readonly (readonly [string, Change | undefined])[] = [
    ['between two prompts', between.prompts],
    ['another last quarter', between.suffixes],
    ['to the empty prompt', between.empty],
    [`after ${over.steps.length - 1} tokens more`, over.steps.at(-1)?.change],
    ['two prompts, untrained', initial.prompts],
  ];
  const rows = moved.flatMap(([what, change]) => (change === undefined ? [] : [[what, ...percents(change)]]));
  const columns = [{ title: '' }, ...deducedIn(between.prompts).map((title) => ({ title, right: true }))];
  return [
    'Movement with the text: measured, and nothing that must hold',
    `  G moves by ${percent(between.G.least)} to ${percent(between.G.most)} between two prompts, all layers together`,
    '  relative change of the layer that moves most:',
    indented(showTable(columns, rows)),
    '',
    ...showSteps(over, tokenizer),
  ].join('\n');
}

/** What the prompt and the text become under other operators. */
export const showReplaced = (replaced: readonly Replacement[], tokenizer: Tokenizer): string => [
  'The same prompt, and the text whose perplexity is taken, under other operators',
  indented(showTable(
    [{ title: 'G' }, { title: 'loss', right: true }, { title: 'perplexity', right: true }, { title: 'continues' }],
    replaced.map(({ name, loss, perplexity, ids }) =>
      [name, loss.toFixed(4), perplexity.toFixed(2), JSON.stringify(tokenizer.decode(ids))]),
  )),
].join('\n');

const percents = (change: Change): readonly string[] => {
  const worst = worstOf(change);
  return deducedIn(worst).map((name) => percent(deduced(worst, name)));
};

const percent = (x: number): string => `${(100 * x).toPrecision(3)} %`;

/** The text that the prompt's operator gives, and what the operator of all of the text so far says of it. */
function showSteps({ ids, steps, firstDifference, scoring }: OverSteps, tokenizer: Tokenizer): readonly string[] {
  const logits = Math.max(...steps.map((s) => s.logits));
  const log = Math.max(...steps.map((s) => Math.abs(s.logProbability)));
  const safe = steps.filter((s) => s.safe).length;
  const parts = firstDifference === undefined
    ? `greedy texts are the same for all ${steps.length} tokens`
    : `greedy texts part at token ${firstDifference + 1}`;
  return [
    `G of the prompt against G made anew at every token: ${JSON.stringify(tokenizer.decode(ids))}`,
    `  ${parts}`,
    `  logits differ by ${short(logits)} at most, log p of a token by ${short(log)}`,
    `  ${safe} of ${steps.length} tokens are safe: the margin is more than twice what the logits differ by`,
    `  log p of half of the tokens differs by at most ${short(scoring.frozen.median)}, of nine in ten by at most ` +
      short(scoring.frozen.ninetieth),
    `  loss per token: ${scoring.frozen.loss.toFixed(4)} with the prompt's G, ${scoring.anew.loss.toFixed(4)} anew, ` +
      `${scoring.whole.loss.toFixed(4)} with the whole text's`,
  ];
}

const short = (x: number): string => (x >= 0.01 ? x.toFixed(3) : x.toExponential(1));

const indented = (text: string): string => text.replace(/^/gm, '  ');
