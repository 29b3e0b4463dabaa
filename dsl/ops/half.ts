import { makeQuantize } from '../nodes/quantize.ts';
import { captureOrigin } from '../place.ts';
import { tensorOf, type Tensor } from '../tensor.ts';

/**
 * `x` in half precision: every number is rounded to the nearest IEEE binary16, and infinite from 65520 on; what is
 * computed with it is f32. `grad` takes the rounding for the identity; but where two such values are contracted, the
 * adjoint of the result is taken in half precision too, as in mixed-precision training (arXiv 1710.03740). A loss should
 * then be scaled so that adjoints neither vanish below 2⁻²⁴ nor reach 65520.
 */
export function half<A extends string>(x: Tensor<A>): Tensor<A> {
  return tensorOf(makeQuantize(x.node, 'f16', captureOrigin()));
}
