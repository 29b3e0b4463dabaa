import type { Axis } from '../axis.ts';
import type { DType, WeightStorage } from '../node.ts';
import { makeConstant, makeInput, makeIota, makeParameter, makeRandom, makeTable } from '../nodes/leaves.ts';
import { captureOrigin } from '../place.ts';
import { tensorOf, type Tensor } from '../tensor.ts';

/** A value that the caller gives at every run, stored row by row in the order of `axes`. */
export function input<A extends string = never>(
  name: string, axes: readonly Axis<A>[], dtype: DType = 'f32',
): Tensor<A> {
  return tensorOf(makeInput(name, axes, dtype, captureOrigin()));
}

/**
 * A weight, stored row by row in the order of `axes` under `name` in the checkpoint. `storage` says how a device keeps
 * it: `bf16` keeps 8 significant bits of each number, `f16` 11 of numbers up to 65504, `int8` integers from -127 to 127.
 */
export function parameter<A extends string = never>(
  name: string, axes: readonly Axis<A>[], { storage = 'f32' }: { readonly storage?: WeightStorage } = {},
): Tensor<A> {
  return tensorOf(makeParameter(name, axes, 'f32', captureOrigin(), storage));
}

/** A number as a tensor without axes. */
export function constant(value: number, dtype: DType = 'f32'): Tensor<never> {
  return tensorOf(makeConstant(value, dtype, captureOrigin()));
}

/** A constant tensor, row by row in the order of `axes`. */
export function table<A extends string = never>(
  data: readonly number[] | Float64Array,
  axes: readonly Axis<A>[],
  dtype: DType = 'f32',
): Tensor<A> {
  return tensorOf(makeTable(Float64Array.from(data), axes, dtype, captureOrigin()));
}

/** The index along an axis: 0, 1, 2, … (i32). */
export function iota<A extends string>(axis: Axis<A>): Tensor<A> {
  return tensorOf(makeIota(axis, captureOrigin()));
}

/** Uniform numbers in [0, 1), a pure function of seed and index: every run and every machine draws the same. */
export function random<A extends string = never>(seed: number, axes: readonly Axis<A>[]): Tensor<A> {
  return tensorOf(makeRandom(seed, axes, captureOrigin()));
}
