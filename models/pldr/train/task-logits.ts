import { equal, iota, max, sum, tensorOf, where, type Axis, type Tensor } from '../../../dsl/index.ts';
import type { Axes } from '../axes.ts';
import type { Stream } from '../attention.ts';
import { project } from '../weights.ts';

/*
 * Heads that classify instead of predicting tokens (spec 11), by the names of their weights in a checkpoint. None of
 * them normalises the decoder's output.
 */

/**
 * The index [batch] of each row's last token that is no padding: the rightmost id that is not `padId`, 0 where all are,
 * and the last of all positions where there is no padding id.
 */
export function lastToken(
  ids: Tensor<'batch' | 'pos'>, { Pos }: Pick<Axes, 'Pos'>, padId: number | null,
): Tensor<'batch'> {
  const positions = padId === null ? iota(Pos) : where(equal(ids, padId), 0, iota(Pos));
  return tensorOf(max(tensorOf<'batch' | 'pos'>(positions.node), Pos).node);
}

/** One score of each label for each row, at the row's last token [batch, label]: `score.weight`, without a bias. */
export function sequenceLogits(
  hidden: Stream, last: Tensor<'batch'>, { Pos, Embed }: Axes, Label: Axis<'label'>,
): Tensor<'batch' | 'label'> {
  const read = sum(where(equal(iota(Pos), last), hidden, 0), Pos);
  return project(read, Embed, Label, 'score', false);
}

/** One score of each label for each token [batch, pos, label]: `score.weight`, `score.bias`. */
export const tokenLogits = (
  hidden: Stream, { Embed }: Axes, Label: Axis<'label'>,
): Tensor<'batch' | 'pos' | 'label'> => project(hidden, Embed, Label, 'score', true);

/** How well an answer begins (edge 0) and ends (edge 1) at each token [batch, pos, edge]: `qa_outputs`. */
export const answerLogits = (
  hidden: Stream, { Embed }: Axes, Edge: Axis<'edge'>,
): Tensor<'batch' | 'pos' | 'edge'> => project(hidden, Embed, Edge, 'qa_outputs', true);
