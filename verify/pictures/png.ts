import { PNG } from 'pngjs';
import { RicciError } from '../../dsl/errors.ts';
import { colourAt, type ColourScale, scaleFor } from './colours.ts';
import { checkMatrix, type Matrix } from './matrix.ts';

export interface PngOptions {
  /** The side of a cell in pixels, a whole number; 1 if not given. */
  readonly cell?: number;
  /** The scale of `scaleFor(values)` if not given. */
  readonly scale?: ColourScale;
}

/** So many pixels, as four bytes each, still fit an array of bytes comfortably. */
const MOST_PIXELS = 2 ** 28;

/**
 * The heat map of a matrix [rows, columns] as a PNG image [rows · cell, columns · cell], each cell a square of one
 * colour. It has no text: `heatMap` has that.
 * @throws RicciError `verify/picture` where the values do not fill the shape, or the size of a cell is no size
 */
export function heatMapPng(matrix: Matrix, options: PngOptions = {}): Uint8Array {
  const { cell = 1 } = options;
  checkMatrix(matrix);
  checkCell(matrix, cell);
  const scale = options.scale ?? scaleFor(matrix.values);
  return pngOf(matrix.columns * cell, matrix.rows * cell, [{ matrix, cell, scale, x: 0, y: 0 }]);
}

/** A matrix in an image: its cells are squares of `cell` pixels, the first of them at (x, y). */
export interface Placed {
  readonly matrix: Matrix;
  readonly cell: number;
  readonly scale: ColourScale;
  readonly x: number;
  readonly y: number;
}

/** A PNG image of so many pixels with matrices on white, which lie wholly within it. */
export function pngOf(width: number, height: number, matrices: readonly Placed[]): Uint8Array {
  const image = new PNG({ width, height });
  image.data.fill(255);
  for (const placed of matrices) paint(image, placed);
  return PNG.sync.write(image, { colorType: 2 });
}

function paint(image: PNG, { matrix, cell, scale, x, y }: Placed): void {
  for (let row = 0; row < matrix.rows * cell; row++) {
    const first = Math.floor(row / cell) * matrix.columns;
    let at = ((y + row) * image.width + x) * 4;
    for (let column = 0; column < matrix.columns * cell; column++, at += 4)
      image.data.set(colourAt(scale, matrix.values[first + Math.floor(column / cell)]), at);
  }
}

/** A PNG image as the address of an image in a picture that holds it itself. */
export const dataAddress = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`;

function checkCell(matrix: Matrix, cell: number): void {
  const pixels = matrix.rows * matrix.columns * cell * cell;
  if (Number.isSafeInteger(cell) && cell > 0 && pixels <= MOST_PIXELS) return;
  throw new RicciError({
    code: 'verify/picture',
    message: `Cells of ${cell} pixels were asked for, in an image of ${matrix.rows} × ${matrix.columns} cells.`,
    hint: `The side of a cell is a whole number of at least 1, and an image has at most ${MOST_PIXELS} pixels.`,
  });
}
