import {
  add, countAlong, crossEntropy, gather, map, mapInt, meanBut, mul, scalar, sub, type Axis, type Tensor,
} from '../../../dsl/index.ts';
import { exp } from '../../../dsl/scalar/index.ts';
import { log1p } from '../../../dsl/std/elementary.ts';

/*
 * What heads are trained with (spec 11), each a mean over the rows of a batch.
 */

/** Labels of this number count for nothing, as in the Hugging Face port. */
export const IGNORED_LABEL = -100;

/** Mean of (prediction − target)² over all entries, both over the same axes: a head of one label. */
export function regressionLoss<A extends string>(predictions: Tensor<A>, targets: Tensor<A>): Tensor<never> {
  const off = sub(predictions, targets);
  return meanBut(mul(off, off));
}

/** Mean cross-entropy of one label for each row: `logits` [batch, label], `labels` [batch] (i32). */
export const sequenceLoss = (
  logits: Tensor<'batch' | 'label'>, labels: Tensor<'batch'>, Label: Axis<'label'>,
): Tensor<never> => crossEntropy(logits, labels, Label, { ignore: IGNORED_LABEL });

/** Mean binary cross-entropy of labels that each hold or not: `logits` and `holds` (0 or 1) over the same axes. */
export const multiLabelLoss = <A extends string>(logits: Tensor<A>, holds: Tensor<A>): Tensor<never> =>
  meanBut(map(binaryCrossEntropy, logits, holds));

/** −y·ln σ(x) − (1 − y)·ln(1 − σ(x)) = ln(1 + e^x) − x·y, with the exponent that cannot overflow. */
const binaryCrossEntropy = scalar((x, y) => (x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))) - x * y);

/** Mean cross-entropy of one label for each token, but those that are ignored: [batch, pos, label], [batch, pos]. */
export const tokenLoss = (
  logits: Tensor<'batch' | 'pos' | 'label'>, labels: Tensor<'batch' | 'pos'>, Label: Axis<'label'>,
): Tensor<never> => crossEntropy(logits, labels, Label, { ignore: IGNORED_LABEL });

/**
 * Half of the cross-entropies of where answers begin and where they end, among the positions of `logits`
 * [batch, pos, edge]; `starts` and `ends` [batch] (i32). A position before the first is taken as the first, and one
 * behind the last is ignored: that answer was cut off.
 */
export function answerLoss(
  logits: Tensor<'batch' | 'pos' | 'edge'>, starts: Tensor<'batch'>, ends: Tensor<'batch'>,
  { Pos, Edge }: { readonly Pos: Axis<'pos'>; readonly Edge: Axis<'edge'> },
): Tensor<never> {
  const lossAt = (edge: number, positions: Tensor<'batch'>): Tensor<never> => {
    const targets = mapInt(answerPosition, positions, countAlong(Pos));
    return crossEntropy(gather(logits, Edge, edge), targets, Pos, { ignore: IGNORED_LABEL });
  };
  return mul(0.5, add(lossAt(0, starts), lossAt(1, ends)));
}

const answerPosition = scalar((position, count) => (position >= count ? IGNORED_LABEL : position < 0 ? 0 : position));
