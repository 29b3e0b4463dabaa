import { expect } from 'vitest';

interface Numbers {
  readonly data: ArrayLike<number>;
}

/** The largest difference of two lists, relative to the largest number in either; not a number where one is none. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let [most, scale] = [0, 1e-30];
  for (let i = 0; i < a.length; i++) {
    const own = Math.abs(a[i] - b[i]);
    if (!(own <= most)) most = own;
    scale = Math.max(scale, Math.abs(a[i]), Math.abs(b[i]));
  }
  return most / scale;
}

/** Equal but for rounding in double precision. */
export function expectClose(got: Numbers, expected: Numbers, within = 1e-9): void {
  expect(difference(got.data, expected.data)).toBeLessThanOrEqual(within);
}

/** One row of a matrix [rows, columns]. */
export const rowOf = ({ data }: Numbers, row: number, rows: number): { readonly data: readonly number[] } => {
  const width = data.length / rows;
  return { data: Array.from({ length: width }, (_, i) => data[row * width + i]) };
};
