import type { ColourScale } from './colours.ts';
import { downSampled } from './down-sample.ts';
import type { Matrix } from './matrix.ts';
import { dataAddress, heatMapPng } from './png.ts';
import { element, INK, type Markup } from './svg.ts';

/**
 * The cells of a matrix [rows, columns] as an image in a frame, with its upper left corner at the origin. Every matrix
 * is an image, one pixel for each cell: a rectangle for each would take a hundred times the space. Where there are more
 * cells than pixels they are averaged here, since a viewer that did it could lose what is not a number.
 * @param width of the whole in pixels
 * @param height of the whole in pixels
 */
export function matrixImage(matrix: Matrix, scale: ColourScale, width: number, height: number): readonly Markup[] {
  const seen = (cells: number, pixels: number): number => Math.min(cells, Math.max(1, Math.round(pixels)));
  const cells = downSampled(matrix, seen(matrix.rows, height), seen(matrix.columns, width));
  return [
    element('image', {
      width, height, preserveAspectRatio: 'none',
      // Viewers that do not know the newer keyword read the attribute.
      'image-rendering': 'optimizeSpeed', style: 'image-rendering:pixelated',
      href: dataAddress(heatMapPng(cells, { scale })),
    }),
    element('rect', { x: -0.5, y: -0.5, width: width + 1, height: height + 1, fill: 'none', stroke: INK.line }),
  ];
}
