import { makeQuantize } from '../nodes/quantize.ts';
import { captureOrigin } from '../place.ts';
import { tensorOf, type Tensor } from '../tensor.ts';

/**
 * `x` in half precision: every number is rounded to the nearest IEEE binary16, and kept in two bytes where a device can
 * store so; what is computed with it is f32. Its gradient is in half precision, too, as in mixed-precision training
 * (arXiv 1710.03740): what it is a gradient of should be scaled so that it neither vanishes below 2⁻²⁴ nor reaches 65520.
 */
export function half<A extends string>(x: Tensor<A>): Tensor<A> {
  return tensorOf(makeQuantize(x.node, 'f16', captureOrigin()));
}
