import type { PldrConfig } from '../../models/pldr/index.ts';
import { deduced, mapDeduced, type ByDeduced, type LayerDeductions } from '../invariance/deductions.ts';
import { betweenHeads, type BetweenHeads } from './between-heads.ts';
import { dagLoss } from './dag-loss.ts';
import { matrixFacts, type MatrixFacts } from './matrix-facts.ts';
import { rotationResidual, type RotationPairs } from './rotation.ts';

/** One tensor of one layer: each head's matrix, and how far heads lie apart. */
export interface TensorFacts {
  readonly heads: readonly MatrixFacts[];
  readonly between: BetweenHeads;
  /** Of each head, the share that does not commute with the rotation of positions. */
  readonly rotation: readonly number[];
  /** Of each head's M, ln(trace(exp(M∘M)) / d): 0 for a graph without cycles. */
  readonly dagLoss: readonly number[];
}

export type LayerFacts = ByDeduced<TensorFacts>;

/** Analyses what each layer deduced from a text. */
export function layerFacts(
  layers: readonly LayerDeductions[], { headDim, referenceRope }: Pick<PldrConfig, 'headDim' | 'referenceRope'>,
): readonly LayerFacts[] {
  const pairs = referenceRope ? 'neighbours' : 'halves';
  return layers.map((layer) => mapDeduced(layer, (data) => tensorFacts(data, headDim, pairs)));
}

function tensorFacts(data: Float32Array, size: number, pairs: RotationPairs): TensorFacts {
  const count = data.length / size ** 2;
  const heads = Array.from({ length: count }, (_, h) => data.subarray(h * size ** 2, (h + 1) * size ** 2));
  return {
    heads: heads.map((m) => matrixFacts(m, size)), between: betweenHeads(heads),
    rotation: heads.map((m) => rotationResidual(m, size, pairs)), dagLoss: heads.map((m) => dagLoss(m, size)),
  };
}

/** l(M), the paper's DAG loss of each tensor that training can be regularised by, which A is none of: the mean over layers and heads of ln(trace(exp(M∘M)) / d). */
export type DagLosses = ByDeduced<number>;

export const dagLosses = (layers: readonly LayerFacts[]): DagLosses => mapDeduced(regularised(layers[0]), (_, name) => {
  const all = layers.flatMap((layer) => deduced(layer, name).dagLoss);
  return all.reduce((sum, loss) => sum + loss, 0) / all.length;
});

/** All but A. */
const regularised = ({ A_LM, A_P, G_LM }: LayerFacts): LayerFacts =>
  ({ ...(A_LM === undefined ? {} : { A_LM }), ...(A_P === undefined ? {} : { A_P }), G_LM });
