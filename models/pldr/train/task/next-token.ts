import {
  accuracy, constant, countTargets, crossEntropy, equal, input, iota, rename, sub, tensorOf,
} from '../../../../dsl/index.ts';
import { head } from '../../decoder.ts';
import type { TaskGraph } from './task-graph.ts';

/** The token that fills short chunks: it is no target, and nobody looks at it. */
const PADDING = 0;

/** Language: `targets` [batch, pos] are the tokens that follow. */
export const nextToken: TaskGraph = {
  /** Chunks begin at position 0, padding is behind the text, and nobody looks at it: as the authors train. */
  inputs(ids, { Pos, Key }) {
    const everywhere = tensorOf<'batch' | 'pos'>(constant(1).node);
    return {
      ids,
      position: tensorOf(iota(Pos).node),
      present: everywhere,
      visible: sub(1, equal(rename(ids, Pos, Key), PADDING)),
      attends: everywhere,
    };
  },
  measures(hidden, { axes, config }) {
    const { Batch, Pos, Vocab } = axes;
    const targets = input('targets', [Batch, Pos], 'i32');
    const logits = head(hidden, axes, config);
    const counting = { ignore: PADDING };
    return {
      crossEntropy: crossEntropy(logits, targets, Vocab, counting),
      accuracy: accuracy(logits, targets, Vocab, counting),
      count: countTargets(targets, counting),
    };
  },
  counted: ({ targets }) => targets.filter((target) => target !== PADDING).length,
};
