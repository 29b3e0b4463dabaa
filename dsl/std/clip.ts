import { add, div, map, minimum, mul, sqrt } from '../ops/pointwise.ts';
import { constant } from '../ops/leaves.ts';
import { scalar } from '../scalar/index.ts';
import { tensorOf, type AnyTensor, type Operand, type Tensor } from '../tensor.ts';
import { total } from './mean.ts';

/** Comparisons, unlike `min` and `max`, let what is no number through on every device. */
const within = scalar((g, limit) => (g > limit ? limit : g < -limit ? -limit : g));

/** Every entry brought into [−limit, limit]; what is not a number stays so. */
export const clipByValue = <A extends string>(gradient: Tensor<A>, limit: Operand): Tensor<A> =>
  tensorOf(map(within, gradient, limit).node);

/** √Σ g² over all entries of all tensors. */
export const globalNorm = (gradients: readonly AnyTensor[]): Tensor<never> =>
  sqrt(addedInPairs(gradients.map((g) => total(mul(g, g)))));

/** A sum whose roundings grow with the logarithm of the number of terms, and which no chain of additions delays. */
function addedInPairs(terms: readonly Tensor<never>[]): Tensor<never> {
  if (terms.length < 2) return terms[0] ?? constant(0);
  const half = Math.ceil(terms.length / 2);
  return add(addedInPairs(terms.slice(0, half)), addedInPairs(terms.slice(half)));
}

/** What PyTorch's `clip_grad_norm_` adds to the norm. */
const NORM_GUARD = 1e-6;

/**
 * All tensors times min(1, limit / (norm + 10⁻⁶)), so that together they have at most the norm `limit`; and the norm
 * that they had. Pascanu, Mikolov and Bengio, arXiv 1211.5063.
 */
export function clipByGlobalNorm(
  gradients: readonly AnyTensor[], limit: Operand,
): { readonly gradients: readonly AnyTensor[]; readonly norm: Tensor<never> } {
  const norm = globalNorm(gradients);
  const by = minimum(1, div(limit, add(norm, NORM_GUARD)));
  return { gradients: gradients.map((g) => mul(g, by)), norm };
}
