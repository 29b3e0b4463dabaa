import type { PldrConfig } from '../../models/pldr/index.ts';
import { DEDUCED, type DeducedName, type LayerDeductions } from '../invariance/deductions.ts';
import { betweenHeads, type BetweenHeads } from './between-heads.ts';
import { matrixFacts, type MatrixFacts } from './matrix-facts.ts';
import { rotationResidual, type RotationPairs } from './rotation.ts';

/** One tensor of one layer: each head's matrix, and how far heads lie apart. */
export interface TensorFacts {
  readonly heads: readonly MatrixFacts[];
  readonly between: BetweenHeads;
  /** Of each head, the share that does not commute with the rotation of positions. */
  readonly rotation: readonly number[];
}

export type LayerFacts = Readonly<Record<DeducedName, TensorFacts>>;

/** Analyses what each layer deduced from a text. */
export function layerFacts(
  layers: readonly LayerDeductions[], { headDim, referenceRope }: Pick<PldrConfig, 'headDim' | 'referenceRope'>,
): readonly LayerFacts[] {
  const pairs = referenceRope ? 'neighbours' : 'halves';
  return layers.map((layer) => {
    const [A, A_LM, A_P, G_LM] = DEDUCED.map((name) => tensorFacts(layer[name], headDim, pairs));
    return { A, A_LM, A_P, G_LM };
  });
}

function tensorFacts(data: Float32Array, size: number, pairs: RotationPairs): TensorFacts {
  const count = data.length / size ** 2;
  const heads = Array.from({ length: count }, (_, h) => data.subarray(h * size ** 2, (h + 1) * size ** 2));
  return {
    heads: heads.map((m) => matrixFacts(m, size)), between: betweenHeads(heads),
    rotation: heads.map((m) => rotationResidual(m, size, pairs)),
  };
}
