import type { Axis } from '../axis.ts';
import { max, sum } from '../ops/contraction.ts';
import { div, exp, sub } from '../ops/pointwise.ts';
import { stopGradient } from '../ops/stop-gradient.ts';
import { tensorOf, type Has, type Tensor } from '../tensor.ts';

/**
 * e^(x − max x) / Σ e^(x − max x) along one axis. The maximum only keeps the powers in range: what is subtracted
 * cancels, and so would its gradient, but for roundings.
 */
export function softmax<A extends string, X extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>>,
  over: Axis<X>,
): Tensor<A> {
  const weights = exp(sub(x, stopGradient(max(x, over))));
  const total = sum(tensorOf<X>(weights.node), over);
  return tensorOf(div(weights, total).node);
}
