import type { Axis } from '../axis.ts';
import type { Monoid } from '../node.ts';
import { makeDot, makeReduce } from '../nodes/contraction.ts';
import { captureOrigin } from '../place.ts';
import { tensorOf, type Has, type Tensor } from '../tensor.ts';

export interface DotOptions {
  /**
   * Keeps what the roundings of products and sums lose (Ogita, Rump and Oishi, "Accurate sum and dot product", 2005: as
   * if computed with twice the digits), at some ten operations a term. For short sums of terms that cancel.
   */
  readonly compensated?: boolean;
}

/**
 * Contraction: Σ over `over` of a·b. Axes that both operands have besides `over` are batched; the result has all the
 * others.
 * @throws `dsl/axis-missing`, `dsl/size-mismatch`
 */
export function dot<A extends string, B extends string, X extends string>(
  a: Tensor<A> & Has<A, NoInfer<X>>, b: Tensor<B> & Has<B, NoInfer<X>>, over: Axis<X>, options: DotOptions = {},
): Tensor<Exclude<A | B, X>> {
  const monoid = options.compensated === true ? 'compensated' : 'sum';
  return tensorOf(makeDot(a.node, b.node, over.name, captureOrigin(), monoid));
}

type Reduction = <A extends string, X extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>>, over: Axis<X>,
) => Tensor<Exclude<A, X>>;

const reduction = (monoid: Monoid): Reduction => (x, over) =>
  tensorOf(makeReduce(monoid, x.node, over.name, captureOrigin()));

/** Σ, Π, max and min along one axis. */
export const sum = reduction('sum');
export const product = reduction('prod');
export const max = reduction('max');
export const min = reduction('min');
