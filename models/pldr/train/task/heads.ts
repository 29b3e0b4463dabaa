import {
  accuracy, axis, constant, countAlong, countTargets, div, equal, gather, input, iota, less, lessEqual, max, maximum, mul,
  sub, sum, tensorOf, total, where, type Axis, type Tensor,
} from '../../../../dsl/index.ts';
import type { PldrConfig } from '../../config.ts';
import { EDGES, type HeadKind } from '../../heads/head-kind.ts';
import { answerLoss, IGNORED_LABEL, sequenceLoss, tokenLoss } from '../head-losses.ts';
import { answerLogits, lastToken, sequenceLogits, tokenLogits } from '../task-logits.ts';
import type { TaskGraph } from './task-graph.ts';

/** The id that fills short rows. */
export const paddingOf = ({ padId }: PldrConfig): number => padId ?? 0;

/** What training a head of a kind means. `labels` are of no account where answers are looked for. */
export function headGraph(kind: HeadKind, labels: number): TaskGraph {
  switch (kind) {
    case 'sequence-classification': return sequences(axis('label', labels));
    case 'token-classification': return tokens(axis('label', labels));
    case 'question-answering': return answers(axis('edge', EDGES));
  }
}

/** Texts begin at position 0. Padding is behind them: it counts for nothing, and no token of a text looks at it. */
const inputs: TaskGraph['inputs'] = (ids, { Pos }, config) => {
  const everywhere = constant(1).node;
  return {
    ids,
    position: tensorOf(iota(Pos).node),
    present: sub(1, equal(ids, paddingOf(config))),
    visible: tensorOf(everywhere),
    attends: tensorOf(everywhere),
  };
};

const counting = { ignore: IGNORED_LABEL };
const counted: TaskGraph['counted'] = ({ targets }) => targets.filter((target) => target !== IGNORED_LABEL).length;

/** `targets` [batch]: the label of each row. */
const sequences = (Label: Axis<'label'>): TaskGraph => ({
  inputs,
  measures(hidden, { ids, axes, config }) {
    const targets = input('targets', [axes.Batch], 'i32');
    const logits = sequenceLogits(hidden, lastToken(ids, axes, paddingOf(config)), axes, Label);
    return {
      crossEntropy: sequenceLoss(logits, targets, Label),
      accuracy: accuracy(logits, targets, Label, counting),
      count: countTargets(targets, counting),
    };
  },
  counted,
});

/** `targets` [batch, pos]: the label of each token, or `IGNORED_LABEL`. */
const tokens = (Label: Axis<'label'>): TaskGraph => ({
  inputs,
  measures(hidden, { axes }) {
    const targets = input('targets', [axes.Batch, axes.Pos], 'i32');
    const logits = tokenLogits(hidden, axes, Label);
    return {
      crossEntropy: tokenLoss(logits, targets, Label),
      accuracy: accuracy(logits, targets, Label, counting),
      count: countTargets(targets, counting),
    };
  },
  counted,
});

/**
 * `targets` [batch, edge]: at which position each answer begins and ends; both lie behind the last position for what has
 * none. Right is an answer whose two positions are the likeliest.
 */
const answers = (Edge: Axis<'edge'>): TaskGraph => ({
  inputs,
  measures(hidden, { axes }) {
    const { Batch, Pos } = axes;
    const targets = input('targets', [Batch, Edge], 'i32');
    const logits = answerLogits(hidden, axes, Edge);
    const at = (edge: number): Tensor<'batch'> => gather(targets, Edge, edge);
    const found = (edge: number): Tensor<'batch'> => {
      const scores: Tensor<'batch' | 'pos'> = gather(logits, Edge, edge);
      const there = sum(where(equal(iota(Pos), at(edge)), scores, 0), Pos);
      return tensorOf(lessEqual(max(scores, Pos), tensorOf<'batch'>(there.node)).node);
    };
    const stands = less(at(0), countAlong(Pos));
    const count = total(stands);
    return {
      crossEntropy: answerLoss(logits, at(0), at(1), { Pos, Edge }),
      accuracy: div(total(where(stands, mul(found(0), found(1)), 0)), maximum(count, 1)),
      count,
    };
  },
  counted: ({ targets, positions }) => targets.filter((target, i) => i % EDGES === 0 && target < positions).length,
});
