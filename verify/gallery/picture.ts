import {
  curves, heatMap, heatMapPng, smallMultiples, smallMultiplesPng, type Curve, type CurvesOptions, type HeatMapOptions,
  type Matrix,
} from '../pictures/index.ts';

/** A picture of what was measured. It is drawn when it is asked for. */
export interface Picture {
  /** What a file of it is called, without an ending. */
  readonly name: string;
  /** A whole document. */
  svg(): string;
  /** The cells of its matrices as an image, without texts; curves have none. */
  readonly png?: () => Uint8Array;
}

export const plot = (name: string, list: readonly Curve[], options: CurvesOptions): Picture =>
  ({ name, svg: () => curves(list, options) });

/** One matrix, large. */
export const large = (name: string, matrix: Matrix, options: HeatMapOptions): Picture => ({
  name, svg: () => heatMap(matrix, options),
  png: () => heatMapPng(matrix, { cell: Math.max(1, Math.round(SIDE / Math.max(matrix.rows, matrix.columns))) }),
});

/** Pixels: about the side of an image whose cells may be of any size. */
const SIDE = 512;

/** A grid [layer, head] of matrices. */
export function layersAndHeads(name: string, title: string, panels: readonly (readonly Matrix[])[]): Picture {
  const rowTitles = panels.map((_, l) => `layer ${l}`);
  const columnTitles = panels[0].map((_, h) => `head ${h}`);
  return {
    name, svg: () => smallMultiples(panels, { title, rowTitles, columnTitles }), png: () => smallMultiplesPng(panels),
  };
}
