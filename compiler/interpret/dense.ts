import { RicciError } from '../../dsl/errors.ts';
import type { Axis, Size } from '../../dsl/axis.ts';

/** A tensor of doubles, row-major over named sizes. */
export interface Dense {
  readonly names: readonly string[];
  readonly sizes: readonly number[];
  readonly data: Float64Array;
}

/** What the symbols of a graph stand for in one run. */
export type Sizes = Readonly<Record<string, number>>;

/** @throws `interpret/size` for a symbol without a value, or one outside its bound. */
export function sizeOf(size: Size, sizes: Sizes): number {
  if (typeof size === 'number') return size;
  const value = sizes[size.symbol];
  if (value !== undefined && value >= 1 && value <= size.max) return value;
  throw new RicciError({
    code: 'interpret/size',
    message: `The size "${size.symbol}" is ${value ?? 'not given'}, and it runs from 1 to ${size.max}.`,
    hint: `Give sizes: { ${size.symbol}: … }.`,
  });
}

export const countOf = (sizes: readonly number[]): number => sizes.reduce((n, s) => n * s, 1);

export function emptyDense(axes: readonly Axis[], env: Sizes): Dense {
  const sizes = axes.map((a) => sizeOf(a.size, env));
  return { names: axes.map((a) => a.name), sizes, data: new Float64Array(countOf(sizes)) };
}

export function rowMajor(sizes: readonly number[]): readonly number[] {
  const strides = sizes.map(() => 1);
  for (let i = sizes.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * sizes[i + 1];
  return strides;
}

/** How far one step along each of `names` moves in `x`; 0 for axes that `x` lacks, which is what broadcasting means. */
export function stridesAlong(x: Dense, names: readonly string[]): readonly number[] {
  const own = rowMajor(x.sizes);
  return names.map((n) => {
    const i = x.names.indexOf(n);
    return i < 0 ? 0 : own[i];
  });
}

/** Walks all indices in row-major order, keeping one offset for each set of strides. */
export function walk(
  sizes: readonly number[],
  strides: readonly (readonly number[])[],
  visit: (offsets: readonly number[], linear: number, index: readonly number[]) => void,
): void {
  const total = countOf(sizes);
  const index = sizes.map(() => 0);
  const offsets = strides.map(() => 0);
  for (let linear = 0; linear < total; linear++) {
    visit(offsets, linear, index);
    for (let d = sizes.length - 1; d >= 0; d--) {
      index[d] += 1;
      for (let k = 0; k < offsets.length; k++) offsets[k] += strides[k][d];
      if (index[d] < sizes[d]) break;
      for (let k = 0; k < offsets.length; k++) offsets[k] -= strides[k][d] * sizes[d];
      index[d] = 0;
    }
  }
}

/** The same numbers with the axes in another order. */
export function reorder(x: Dense, names: readonly string[]): Dense {
  const sizes = names.map((n) => x.sizes[x.names.indexOf(n)]);
  const data = new Float64Array(x.data.length);
  walk(sizes, [stridesAlong(x, names)], ([at], linear) => { data[linear] = x.data[at]; });
  return { names, sizes, data };
}
