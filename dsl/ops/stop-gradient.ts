import { makeStopGradient } from '../nodes/stop-gradient.ts';
import { captureOrigin } from '../place.ts';
import { tensorOf, type Tensor } from '../tensor.ts';

/** The identity, which `grad` takes for a constant. */
export function stopGradient<A extends string>(x: Tensor<A>): Tensor<A> {
  return tensorOf(makeStopGradient(x.node, captureOrigin()));
}
