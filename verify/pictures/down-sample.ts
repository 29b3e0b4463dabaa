import type { Matrix } from './matrix.ts';

/**
 * A matrix [rows, columns] averaged to a smaller one; each of the new cells covers an equal part of the old matrix, and
 * takes part of an old cell where they do not divide evenly. So the mean of all cells stays what it is. A cell that
 * covers something that is not a number is itself none: no defect is averaged away.
 * @param rows at most as many as the matrix has, and at least 1; the same holds for `columns`
 */
export function downSampled(matrix: Matrix, rows: number, columns: number): Matrix {
  if (rows === matrix.rows && columns === matrix.columns) return matrix;
  const [rowShares, columnShares] = [shares(matrix.rows, rows), shares(matrix.columns, columns)];
  const values = new Float64Array(rows * columns);
  rowShares.forEach((ofRow, r) => columnShares.forEach((ofColumn, c) => {
    let total = 0;
    for (const row of ofRow) {
      for (const column of ofColumn)
        total += matrix.values[row.index * matrix.columns + column.index] * (row.weight * column.weight);
    }
    values[r * columns + c] = total;
  }));
  return { rows, columns, values };
}

interface Share {
  readonly index: number;
  readonly weight: number;
}

/** For each of `after` equal parts of a range: which of its `before` cells it covers, with weights that sum to one. */
function shares(before: number, after: number): readonly (readonly Share[])[] {
  return Array.from({ length: after }, (_, part) => {
    // In units of 1 / after of a cell all borders are whole numbers, and so no border is missed by rounding.
    const [from, to] = [part * before, (part + 1) * before];
    const covered: Share[] = [];
    for (let index = Math.floor(from / after); index * after < to; index++) {
      const length = Math.min(to, (index + 1) * after) - Math.max(from, index * after);
      covered.push({ index, weight: length / before });
    }
    return covered;
  });
}
