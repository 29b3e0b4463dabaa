import type { ProgramSource } from '../../../compiler/draft.ts';
import { stage } from '../../../compiler/passes/stage.ts';
import { axis, constant, input, iota, tensorOf, type AnyTensor, type Tensor } from '../../../dsl/index.ts';
import type { Stream } from '../attention.ts';
import { axesFor, type Axes } from '../axes.ts';
import type { PldrConfig } from '../config.ts';
import { decoder } from '../decoder.ts';
import { variantOf, type Variant } from '../operator.ts';
import { answerLogits, sequenceLogits, tokenLogits } from '../train/task-logits.ts';
import { EDGES, type HeadKind } from './head-kind.ts';

/**
 * Reads one text: `ids` [batch, pos] with one row and no padding, and `last` [batch], the index of its last token.
 * Returns `logits`: [batch, label] of a text, [batch, pos, label] of its tokens, or [batch, pos, edge].
 */
export function headProgram(
  kind: HeadKind, labels: number, config: PldrConfig, variant: Variant = variantOf(config),
): ProgramSource {
  const axes = axesFor(config, 1);
  const { Batch, Pos } = axes;
  const everywhere = constant(1).node;
  const { hidden } = decoder({
    ids: input('ids', [Batch, Pos], 'i32'), position: tensorOf(iota(Pos).node), present: tensorOf(everywhere),
    visible: tensorOf(everywhere), attends: tensorOf(everywhere),
  }, axes, config, variant);
  const logits = logitsOf(kind, labels, hidden, input('last', [Batch], 'i32'), axes);
  const { outputs } = stage([logits.node], { supplied: new Set(), kept: new Set(), caches: 'none' });
  return { name: 'classify', outputs: { logits: outputs[0] } };
}

function logitsOf(kind: HeadKind, labels: number, hidden: Stream, last: Tensor<'batch'>, axes: Axes): AnyTensor {
  switch (kind) {
    case 'sequence-classification': return sequenceLogits(hidden, last, axes, axis('label', labels));
    case 'token-classification': return tokenLogits(hidden, axes, axis('label', labels));
    case 'question-answering': return answerLogits(hidden, axes, axis('edge', EDGES));
  }
}
