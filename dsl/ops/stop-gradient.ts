import { tensorOf, type Tensor } from '../tensor.ts';

/** The identity, which `grad` takes for a constant. */
export function stopGradient<A extends string>(x: Tensor<A>): Tensor<A> {
  return tensorOf(x.node);
}
