import { deduced, mapDeduced, type ByDeduced } from '../invariance/deductions.ts';
import { extentOf, type Extent } from '../invariance/whole-change.ts';
import type { LayerFacts } from './layers.ts';

/** One tensor of a whole model, as the tables of arXiv 2502.13502 have it. */
export interface TensorSummary {
  /** Root mean square of the differences of entries, over all pairs of heads and all layers (table 2). */
  readonly betweenHeads: number;
  /** log₁₀ of the largest |det| of any head (table 3); −∞ where all are singular. */
  readonly log10Det: number;
  /** Singular values that single precision can tell from noise: of the head that has fewest, and of that with most. */
  readonly rank: Extent;
}

/** What is known of the layers' operators, layers and heads together. */
export const summaryOf = (layers: readonly LayerFacts[]): ByDeduced<TensorSummary> =>
  mapDeduced(layers[0], (_, name) => {
    const facts = layers.map((layer) => deduced(layer, name));
    const heads = facts.flatMap((f) => f.heads);
    return {
      betweenHeads: Math.sqrt(facts.reduce((sum, { between }) => sum + between.pairs ** 2, 0) / facts.length),
      log10Det: Math.max(...heads.map((head) => head.log10Det)),
      rank: extentOf(heads.map((head) => head.rankInSingle)),
    };
  });
