import type { Axis } from '../axis.ts';
import { dot } from '../ops/contraction.ts';
import { add } from '../ops/pointwise.ts';
import type { Has, Tensor } from '../tensor.ts';

/** x·Wᵀ + b along `from`; `weight` is over (to, from), `bias` over (to). */
export function linear<A extends string, X extends string, Y extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>>, from: Axis<X>, weight: Tensor<X | Y>, bias?: Tensor<Y>,
): Tensor<Exclude<A, X> | Exclude<Y, X>> {
  const y = dot(x, weight as Tensor<X | Y> & Has<X | Y, X>, from) as Tensor<Exclude<A, X> | Exclude<Y, X>>;
  return bias === undefined ? y : (add(y, bias) as Tensor<Exclude<A, X> | Exclude<Y, X>>);
}
