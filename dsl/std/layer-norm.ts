import type { Axis } from '../axis.ts';
import { sum } from '../ops/contraction.ts';
import { div, map, mul, sub } from '../ops/pointwise.ts';
import { RicciError } from '../errors.ts';
import { tensorOf, type Has, type Tensor } from '../tensor.ts';
import { standardize } from './activation.ts';

/**
 * Layer norm along one axis, with the variance of the population: (x − mean) / √(variance + ε) · gain + bias.
 * Ba, Kiros and Hinton, arXiv 1607.06450.
 * @throws `dsl/size-symbolic` when the axis' size is not a number
 */
export function layerNorm<A extends string, X extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>>, over: Axis<X>, gain: Tensor<NoInfer<X>>, bias: Tensor<NoInfer<X>>, epsilon: number,
): Tensor<A> {
  const n = countOf(over);
  const mean = div(sum(tensorOf<X>(x.node), over), n);
  const centred = sub(x, mean);
  const variance = div(sum(tensorOf<X>(mul(centred, centred).node), over), n);
  return tensorOf(map(standardize, x, mean, variance, gain, bias, epsilon).node);
}

function countOf(over: Axis): number {
  if (typeof over.size === 'number') return over.size;
  throw new RicciError({
    code: 'dsl/size-symbolic',
    message: `layerNorm: the size of "${over.name}" is known only when the program runs.`,
    hint: 'Normalise along an axis whose size is a number.',
  });
}
