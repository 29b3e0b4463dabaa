import type { Axis } from '../axis.ts';
import { makeCache, makeFreeze } from '../nodes/staging.ts';
import { captureOrigin } from '../place.ts';
import { tensorOf, type Has, type Lacks, type Tensor } from '../tensor.ts';

/**
 * The identity. A program staged with this label frozen takes the value as it was when the prompt was read, and what
 * made it is never run again.
 */
export function freeze<A extends string>(x: Tensor<A>, label: string): Tensor<A> {
  return tensorOf(makeFreeze(x.node, label, captureOrigin()));
}

/**
 * Rows along `from` seen as rows along `to`. A program staged for one more token keeps the rows it has and appends the
 * new one.
 */
export function cache<A extends string, X extends string, Y extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>> & Lacks<A, NoInfer<Y>>, from: Axis<X>, to: Axis<Y>, label: string,
): Tensor<Exclude<A, X> | Y> {
  return tensorOf(makeCache(x.node, from.name, to, label, captureOrigin()));
}
