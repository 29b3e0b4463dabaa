import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  colourAt, downSampled, heatMapPng, scaleFor, sequentialScale, smallMultiplesPng, type Matrix, type Rgb,
} from '../../../verify/pictures/index.ts';
import { runs } from '../../support/runs.ts';
import { matrices, pixelsOf, type Pixels } from './support.ts';

const GAP = 8;
const WHITE: Rgb = [255, 255, 255];

const grids = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })).chain(([rows, columns]) =>
  fc.array(fc.array(matrices(5), { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }));

const at = ({ width, colours }: Pixels, x: number, y: number): Rgb => colours[y * width + x];

test('every cell of every panel has its colour on the scale of all, and white is between them', () => fc.assert(
  fc.property(grids, (grid) => {
    const image = pixelsOf(smallMultiplesPng(grid));
    const scale = scaleFor(...grid.flat().map(({ values }) => values));
    const [tall, wide] = (['rows', 'columns'] as const).map((side) => Math.max(...grid.flat().map((p) => p[side])));
    const cell = Math.round(128 / Math.max(tall, wide));
    expect([image.width, image.height])
      .toEqual([GAP + grid[0].length * (wide * cell + GAP), GAP + grid.length * (tall * cell + GAP)]);
    grid.forEach((panels, y) => panels.forEach((panel, x) => {
      const [left, top] = [GAP + x * (wide * cell + GAP), GAP + y * (tall * cell + GAP)];
      expect(at(image, left - 1, top)).toEqual(WHITE);
      expect(at(image, left, top - 1)).toEqual(WHITE);
      for (let i = 0; i < panel.rows * panel.columns; i++) {
        const [r, c] = [Math.floor(i / panel.columns), i % panel.columns];
        const colour = colourAt(scale, panel.values[i]);
        expect(at(image, left + c * cell, top + r * cell)).toEqual(colour);
        expect(at(image, left + (c + 1) * cell - 1, top + (r + 1) * cell - 1)).toEqual(colour);
      }
    }));
  }), runs(40),
));

test('a large panel is averaged to 256 cells', () => {
  const matrix: Matrix = { rows: 512, columns: 300, values: Float64Array.from({ length: 512 * 300 }, (_, i) => i % 7) };
  const scale = sequentialScale(0, 6);
  const image = pixelsOf(smallMultiplesPng([[matrix]], { scale }));
  const small = pixelsOf(heatMapPng(downSampled(matrix, 256, 256), { scale }));
  expect([image.width, image.height]).toEqual([256 + 2 * GAP, 256 + 2 * GAP]);
  for (let i = 0; i < 256; i += 17) expect(at(image, GAP + i, GAP + 2 * i % 256)).toEqual(at(small, i, 2 * i % 256));
});
