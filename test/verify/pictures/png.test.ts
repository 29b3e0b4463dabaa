import fc from 'fast-check';
import { expect, test } from 'vitest';
import { colourAt, heatMapPng, type Matrix, scaleFor, sequentialScale } from '../../../verify/pictures/index.ts';
import { matrices, pixelsOf } from './support.ts';

const transposed = ({ rows, columns, values }: Matrix): Matrix => {
  const across = Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]);
  return { rows: columns, columns: rows, values: across };
};

test('an image has the colours of the scale, cell by cell', () => {
  fc.assert(fc.property(matrices(6), fc.integer({ min: 1, max: 4 }), (matrix, cell) => {
    const { width, height, colours } = pixelsOf(heatMapPng(matrix, { cell }));
    expect([width, height]).toEqual([matrix.columns * cell, matrix.rows * cell]);
    const scale = scaleFor(matrix.values);
    colours.forEach((colour, i) => {
      const [row, column] = [Math.floor(Math.floor(i / width) / cell), Math.floor((i % width) / cell)];
      expect(colour).toEqual(colourAt(scale, matrix.values[row * matrix.columns + column]));
    });
  }));
});

test('the picture of a transposed matrix is the transposed picture', () => {
  fc.assert(fc.property(matrices(6), fc.integer({ min: 1, max: 3 }), (matrix, cell) => {
    const [one, other] = [pixelsOf(heatMapPng(matrix, { cell })), pixelsOf(heatMapPng(transposed(matrix), { cell }))];
    expect([one.width, one.height]).toEqual([other.height, other.width]);
    one.colours.forEach((colour, i) =>
      expect(colour).toEqual(other.colours[(i % one.width) * other.width + Math.floor(i / one.width)]));
  }));
});

test('a given scale is used', () => {
  const matrix = { rows: 1, columns: 2, values: [1, 9] };
  const scale = sequentialScale(0, 2);
  expect(pixelsOf(heatMapPng(matrix, { scale })).colours).toEqual([colourAt(scale, 1), colourAt(scale, 2)]);
});

test('what is no matrix and what is no size is refused', () => {
  const refused = (matrix: Matrix, cell = 1): (() => unknown) => () => heatMapPng(matrix, { cell });
  expect(refused({ rows: 2, columns: 3, values: [1, 2] })).toThrow(expect.objectContaining({ code: 'verify/picture' }));
  expect(refused({ rows: 2, columns: 3, values: [1, 2] }))
    .toThrow('The matrix has 2 values, but 2 rows of 3 columns take 6.');
  expect(refused({ rows: 0, columns: 3, values: [] })).toThrow('The matrix is said to have 0 rows and 3 columns.');
  for (const cell of [0, -1, 1.5, NaN, 1e6])
    expect(refused({ rows: 1, columns: 1, values: [1] }, cell)).toThrow(`Cells of ${cell} pixels were asked for`);
});
