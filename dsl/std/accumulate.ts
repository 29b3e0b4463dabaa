import { map } from '../ops/pointwise.ts';
import { scalar } from '../scalar/index.ts';
import { tensorOf, type Operand, type Tensor } from '../tensor.ts';

const added = scalar((total, gradient, weight) => total + weight * gradient);

/**
 * A batch read in several parts: the gradient of the parts so far, with one more part's. `weight` is the part's own
 * (of `microBatchWeights`; or how many targets it has, where the total is divided by all of them in the end). The total
 * begins as 0.
 */
export const accumulate = <A extends string>(total: Tensor<A>, gradient: Tensor<A>, weight: Operand): Tensor<A> =>
  tensorOf(map(added, total, gradient, weight).node);

/**
 * What the mean loss of each part of a batch counts in the mean loss of all of it: the share of its targets, given how
 * many count in each part. So the gradient is the one that the batch would have as a whole, however unevenly targets
 * are ignored; with equal counts it is the mean of the parts'. All are 0 where no target counts.
 */
export function microBatchWeights(counts: readonly number[]): readonly number[] {
  const all = counts.reduce((sum, n) => sum + n, 0);
  return counts.map((n) => (all === 0 ? 0 : n / all));
}
