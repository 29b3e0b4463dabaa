import type { Axis } from '../axis.ts';
import { makeGather, makeScatterAdd } from '../nodes/indexing.ts';
import { makeConstant } from '../nodes/leaves.ts';
import { makeConcat, makeMerge, makePad, makeRename, makeSlice, makeSplit } from '../nodes/views.ts';
import { captureOrigin } from '../place.ts';
import { tensorOf, type AnyTensor, type AxesOf, type Has, type Lacks, type Tensor } from '../tensor.ts';

/** The same numbers with the axis `from` called `to`. */
export function rename<A extends string, X extends string, Y extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>> & Lacks<Exclude<A, NoInfer<X>>, NoInfer<Y>>, from: Axis<X>, to: Axis<Y>,
): Tensor<Exclude<A, X> | Y> {
  return tensorOf(makeRename(x.node, from.name, to, captureOrigin()));
}

/** One axis as two: index = outer · size(inner) + inner. */
export function split<A extends string, X extends string, O extends string, I extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>>, axis: Axis<X>, outer: Axis<O>, inner: Axis<I>,
): Tensor<Exclude<A, X> | O | I> {
  return tensorOf(makeSplit(x.node, axis.name, outer, inner, captureOrigin()));
}

/** Two axes as one: index = outer · size(inner) + inner. */
export function merge<A extends string, O extends string, I extends string, Y extends string>(
  x: Tensor<A> & Has<A, NoInfer<O> | NoInfer<I>>, outer: Axis<O>, inner: Axis<I>, to: Axis<Y>,
): Tensor<Exclude<A, O | I> | Y> {
  return tensorOf(makeMerge(x.node, outer.name, inner.name, to, captureOrigin()));
}

/** `size` entries from `start` along an axis, which keeps its name. */
export function slice<A extends string, X extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>>, axis: Axis<X>, start: number, size: number,
): Tensor<A> {
  return tensorOf(makeSlice(x.node, axis.name, start, size, captureOrigin()));
}

/** More entries of one value before and after. */
export function pad<A extends string, X extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>>, axis: Axis<X>, before: number, after: number, value = 0,
): Tensor<A> {
  return tensorOf(makePad(x.node, axis.name, before, after, value, captureOrigin()));
}

/** Tensors one after the other along an axis; one that lacks the axis counts as one entry (a stack). */
export function concat<const T extends readonly AnyTensor[], X extends string>(
  xs: T, axis: Axis<X>,
): Tensor<AxesOf<T[number]> | X> {
  return tensorOf(makeConcat(xs.map((x) => x.node), axis.name, captureOrigin()));
}

/** `x` at `index` along an axis; the index is a number or an i32 tensor, clamped to the axis. */
export function gather<A extends string, X extends string, I extends string = never>(
  x: Tensor<A> & Has<A, NoInfer<X>>, axis: Axis<X>, index: Tensor<I> | number,
): Tensor<Exclude<A, X> | I> {
  const origin = captureOrigin();
  const at = typeof index === 'number' ? makeConstant(index, 'i32', origin) : index.node;
  return tensorOf(makeGather(x.node, axis.name, at, origin));
}

/** Σ of the entries of `x` along `over` whose `index` is t, for every t of the axis `to`; others are dropped. */
export function scatterAdd<A extends string, I extends string, X extends string, Y extends string>(
  x: Tensor<A> & Has<A, NoInfer<X>>, index: Tensor<I> & Has<I, NoInfer<X>>, over: Axis<X>, to: Axis<Y>,
): Tensor<Exclude<A | I, X> | Y> {
  return tensorOf(makeScatterAdd(x.node, index.node, over.name, to, captureOrigin()));
}
