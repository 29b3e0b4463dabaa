import { DEDUCED, type DeducedName, type LayerDeductions } from '../invariance/deductions.ts';
import { betweenHeads, type BetweenHeads } from './between-heads.ts';
import { matrixFacts, type MatrixFacts } from './matrix-facts.ts';

/** One tensor of one layer: each head's matrix, and how far heads lie apart. */
export interface TensorFacts {
  readonly heads: readonly MatrixFacts[];
  readonly between: BetweenHeads;
}

export type LayerFacts = Readonly<Record<DeducedName, TensorFacts>>;

/** Analyses what each layer deduced from a text. @param size rows of a head's matrix */
export function layerFacts(layers: readonly LayerDeductions[], size: number): readonly LayerFacts[] {
  return layers.map((layer) => {
    const [A, A_LM, A_P, G_LM] = DEDUCED.map((name) => tensorFacts(layer[name], size));
    return { A, A_LM, A_P, G_LM };
  });
}

function tensorFacts(data: Float32Array, size: number): TensorFacts {
  const count = data.length / size ** 2;
  const heads = Array.from({ length: count }, (_, h) => data.subarray(h * size ** 2, (h + 1) * size ** 2));
  return { heads: heads.map((m) => matrixFacts(m, size)), between: betweenHeads(heads) };
}
