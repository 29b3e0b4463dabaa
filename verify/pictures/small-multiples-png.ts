import { type ColourScale, scaleFor } from './colours.ts';
import { downSampled } from './down-sample.ts';
import type { Matrix } from './matrix.ts';
import { pngOf } from './png.ts';
import { checkGrid } from './small-multiples.ts';

/** Pixels: a panel's usual side and its greatest, and the space between panels. */
const PANEL = { usual: 128, most: 256 };
const GAP = 8;

/**
 * The grid of `smallMultiples` as a PNG image: panels on white with one colour scale, and no text. All cells are equal
 * squares; a panel of more than 256 rows or columns is averaged to that.
 * @throws RicciError `verify/picture` where the grid is empty or its rows are not equally long, or the values of a
 *   panel do not fill its shape
 */
export function smallMultiplesPng(
  grid: readonly (readonly Matrix[])[], options: { readonly scale?: ColourScale } = {},
): Uint8Array {
  checkGrid(grid);
  const scale = options.scale ?? scaleFor(...grid.flat().map(({ values }) => values));
  const seen = grid.map((row) => row.map((panel) =>
    downSampled(panel, Math.min(panel.rows, PANEL.most), Math.min(panel.columns, PANEL.most))));
  const [rows, columns] = [longest(seen, 'rows'), longest(seen, 'columns')];
  const cell = Math.max(1, Math.round(PANEL.usual / Math.max(rows, columns)));
  const [pitchX, pitchY] = [columns * cell + GAP, rows * cell + GAP];
  const placed = seen.flatMap((row, r) =>
    row.map((matrix, c) => ({ matrix, cell, scale, x: GAP + c * pitchX, y: GAP + r * pitchY })));
  return pngOf(GAP + grid[0].length * pitchX, GAP + grid.length * pitchY, placed);
}

const longest = (grid: readonly (readonly Matrix[])[], side: 'rows' | 'columns'): number =>
  grid.flat().reduce((most, panel) => Math.max(most, panel[side]), 0);
