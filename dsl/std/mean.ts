import type { Axis } from '../axis.ts';
import { max, sum } from '../ops/contraction.ts';
import { iota } from '../ops/leaves.ts';
import { add, div } from '../ops/pointwise.ts';
import { axesOf, tensorOf, type AnyTensor, type Has, type Tensor } from '../tensor.ts';

/** How many entries an axis has in a run: a number where that is known before, else a tensor without axes. */
export const countAlong = (over: Axis): number | Tensor<never> =>
  (typeof over.size === 'number' ? over.size : add(max(iota(over), over), 1));

/** Σ x / n along one axis of n entries, also where n is known only when the program runs. */
export function mean<A extends string, X extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>>, over: Axis<X>,
): Tensor<Exclude<A, X>> {
  return tensorOf(div(sum(x, over), countAlong(over)).node);
}

/** Σ over all axes. */
export function total(x: AnyTensor): Tensor<never> {
  let rest: Tensor<string> = tensorOf(x.node);
  for (const a of axesOf(x)) rest = tensorOf(sum(rest, a).node);
  return tensorOf(rest.node);
}

/** The mean over all axes but those named. */
export function meanBut<K extends string>(x: AnyTensor, ...kept: readonly Axis<K>[]): Tensor<K> {
  let rest: Tensor<string> = tensorOf(x.node);
  for (const a of axesOf(x)) {
    if (!kept.some((k) => k.name === a.name)) rest = tensorOf(mean(rest, a).node);
  }
  return tensorOf(rest.node);
}
