import { columnLabels, rowLabels } from './cell-labels.ts';
import { type Census, censusOf } from './census.ts';
import { type ColourScale, scaleFor } from './colours.ts';
import { legendOf, shownLimits } from './legend.ts';
import { matrixImage } from './matrix-image.ts';
import { checkLabels, checkMatrix, type Matrix } from './matrix.ts';
import { type Block, MARGIN, placed, svgDocument } from './svg.ts';
import { titleOf } from './title.ts';

export interface HeatMapOptions {
  readonly title?: string;
  /** One for each row, such as the tokens that look; numbers from 0 on if not given. */
  readonly rowLabels?: readonly string[];
  /** One for each column, such as the tokens that are looked at; numbers from 0 on if not given. */
  readonly columnLabels?: readonly string[];
  /** The scale of `scaleFor(values)` if not given; give one to pictures that are to be compared. */
  readonly scale?: ColourScale;
}

/** Sides in pixels: of a matrix, where its cells may be of any size; of a cell; and of a cell with a label. */
const SIDE = { usual: 512, most: 1024 };
const CELL = { most: 28, labelled: 14 };

/**
 * A matrix [rows, columns] as a picture with a legend: row 0 on top, column 0 on the left. Negative numbers bring the
 * diverging scale; NaN and infinities have colours of their own. Where labels have no room, only every so many are
 * drawn, and a matrix of more than 1024 rows or columns is averaged.
 * @returns a whole SVG document that needs nothing else
 * @throws RicciError `verify/picture` where the values do not fill the shape, or labels are not as many as cells
 */
export function heatMap(matrix: Matrix, options: HeatMapOptions = {}): string {
  checkMatrix(matrix);
  checkLabels('labels of rows', options.rowLabels, matrix.rows);
  checkLabels('labels of columns', options.columnLabels, matrix.columns);
  const scale = options.scale ?? scaleFor(matrix.values);
  const census = censusOf([matrix.values]);
  const title = options.title ?? 'Matrix';
  return svgDocument(layout(matrix, options, scale, census), title, describe(matrix, scale, census));
}

/** What a picture shows, as a sentence. */
export function describe(matrix: Matrix, scale: ColourScale, census: Census): string {
  const [low, high] = shownLimits(scale, census);
  const absent = `${census.nans} not a number, ${census.infinities} infinite`;
  return `${matrix.rows} rows, ${matrix.columns} columns; ${scale.kind} colours from ${low} to ${high}; ${absent}.`;
}

function layout(matrix: Matrix, options: HeatMapOptions, scale: ColourScale, census: Census): Block {
  const cell = cellSide(matrix, options.rowLabels !== undefined || options.columnLabels !== undefined);
  const rows = rowLabels(options.rowLabels, matrix.rows, cell);
  const columns = columnLabels(options.columnLabels, matrix.columns, cell);
  const [title, legend] = [titleOf(options.title), legendOf(scale, census)];
  const [left, top] = [MARGIN + rows.reach, MARGIN + title.height + columns.reach];
  const [width, height] = [matrix.columns * cell, matrix.rows * cell];
  const picture: Block = {
    width, height, content: [...matrixImage(matrix, scale, width, height), ...rows.content, ...columns.content],
  };
  const under = top + height + MARGIN;
  return {
    width: Math.max(left + Math.max(width + columns.overhang, legend.width), MARGIN + title.width) + MARGIN,
    height: under + legend.height + MARGIN,
    content: [placed(title, MARGIN, MARGIN), placed(picture, left, top), placed(legend, left, under)],
  };
}

/** Whole pixels, so that all cells are equal, unless there are more cells than pixels. */
function cellSide({ rows, columns }: Matrix, labelled: boolean): number {
  const longest = Math.max(rows, columns);
  if (longest > SIDE.most) return SIDE.most / longest;
  const usual = Math.min(CELL.most, Math.max(1, Math.round(SIDE.usual / longest)));
  const labels = labelled && longest * CELL.labelled <= SIDE.most;
  return labels ? Math.max(CELL.labelled, usual) : usual;
}
