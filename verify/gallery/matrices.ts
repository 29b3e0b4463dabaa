import type { Matrix } from '../pictures/index.ts';

/** Matrices of one size that lie one after the other, such as those of heads. */
export function matricesOf(data: Float32Array, rows: number, columns: number): readonly Matrix[] {
  const size = rows * columns;
  return Array.from({ length: data.length / size }, (_, h) =>
    ({ rows, columns, values: data.subarray(h * size, (h + 1) * size) }));
}

/** The mean of matrices of one size, entry by entry. */
export function meanOf(list: readonly Matrix[]): Matrix {
  const [{ rows, columns }] = list;
  const values = Float64Array.from({ length: rows * columns }, (_, i) =>
    list.reduce((sum, m) => sum + m.values[i], 0) / list.length);
  return { rows, columns, values };
}
