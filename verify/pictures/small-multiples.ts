import { RicciError } from '../../dsl/errors.ts';
import { censusOf } from './census.ts';
import { type ColourScale, scaleFor } from './colours.ts';
import { describe } from './heat-map.ts';
import { legible, MONOSPACED, textColumns } from './labels.ts';
import { legendOf } from './legend.ts';
import { matrixImage } from './matrix-image.ts';
import { checkLabels, checkMatrix, type Matrix } from './matrix.ts';
import { type Block, element, FONT, INK, MARGIN, type Markup, placed, svgDocument } from './svg.ts';
import { titleOf } from './title.ts';

export interface SmallMultiplesOptions {
  readonly title?: string;
  /** One for each row of the grid, such as layers. */
  readonly rowTitles?: readonly string[];
  /** One for each column of the grid, such as heads. */
  readonly columnTitles?: readonly string[];
  /** The scale that shows all data of all panels if not given. */
  readonly scale?: ColourScale;
}

/** Sides in pixels: of the grid, as far as panels can keep to it, and of a panel. */
const GRID = 960;
const PANEL = { least: 40, most: 112 };
const GAP = 10;
const LONGEST = 16;

const STYLE = { 'font-family': FONT.mono, 'font-size': FONT.label, fill: INK.quiet };

/**
 * A grid [layers, heads] of small heat maps, each of a matrix [rows, columns], that share one colour scale: equal
 * colours are equal numbers wherever they are. A matrix with more cells than its panel has pixels is averaged.
 * @returns a whole SVG document that needs nothing else
 * @throws RicciError `verify/picture` where the grid is empty or its rows are not equally long, the values of a panel
 *   do not fill its shape, or there are more or fewer titles than rows or columns
 */
export function smallMultiples(grid: readonly (readonly Matrix[])[], options: SmallMultiplesOptions = {}): string {
  checkGrid(grid);
  checkLabels('titles of rows', options.rowTitles, grid.length);
  checkLabels('titles of columns', options.columnTitles, grid[0].length);
  const panels = grid.flat();
  const data = panels.map(({ values }) => values);
  const [scale, census] = [options.scale ?? scaleFor(...data), censusOf(data)];
  const description = `${grid.length} × ${grid[0].length} panels; the first: ${describe(panels[0], scale, census)}`;
  const [title, legend] = [titleOf(options.title), legendOf(scale, census)];
  const body = gridOf(grid, scale, options);
  const under = MARGIN + title.height + body.height + MARGIN;
  const block: Block = {
    width: MARGIN + Math.max(title.width, body.width, legend.width) + MARGIN,
    height: under + legend.height + MARGIN,
    content: [
      placed(title, MARGIN, MARGIN), placed(body, MARGIN, MARGIN + title.height), placed(legend, MARGIN, under),
    ],
  };
  return svgDocument(block, options.title ?? 'Matrices', description);
}

function gridOf(grid: readonly (readonly Matrix[])[], scale: ColourScale, options: SmallMultiplesOptions): Block {
  const titles = (given: readonly string[] | undefined): readonly string[] =>
    (given ?? []).map((title) => legible(title, LONGEST));
  const [rowTitles, columnTitles] = [titles(options.rowTitles), titles(options.columnTitles)];
  const cell = cellSide(grid);
  const [left, top] = [rowTitles.length === 0 ? 0 : widthOf(rowTitles) + GAP, columnTitles.length === 0 ? 0 : 20];
  // A title may be wider than a panel, and keeps away from the next one nonetheless.
  const pitchX = Math.max(widthOf(columnTitles), widest(grid, 'columns') * cell) + GAP;
  const pitchY = Math.max(FONT.label, widest(grid, 'rows') * cell) + GAP;
  const content: Markup[] = [
    ...columnTitles.map((title, x) => element('text', { x: left + x * pitchX, y: FONT.label, ...STYLE }, title)),
    ...rowTitles.map((title, y) => element('text', { y: top + y * pitchY + FONT.label, ...STYLE }, title)),
  ];
  grid.forEach((panels, y) => panels.forEach((panel, x) => {
    const [width, height] = [panel.columns * cell, panel.rows * cell];
    const name = element('title', {}, panelName(options, y, x));
    const block: Block = { width, height, content: [name, ...matrixImage(panel, scale, width, height)] };
    content.push(placed(block, left + x * pitchX, top + y * pitchY));
  }));
  return { width: left + grid[0].length * pitchX - GAP, height: top + grid.length * pitchY - GAP, content };
}

const panelName = (options: SmallMultiplesOptions, y: number, x: number): string =>
  `${options.rowTitles?.[y] ?? `row ${y}`}, ${options.columnTitles?.[x] ?? `column ${x}`}`;

const widthOf = (texts: readonly string[]): number =>
  texts.reduce((most, text) => Math.max(most, textColumns(text)), 0) * MONOSPACED * FONT.label;

const widest = (grid: readonly (readonly Matrix[])[], side: 'rows' | 'columns'): number =>
  grid.flat().reduce((most, panel) => Math.max(most, panel[side]), 0);

/** One size for the cells of all panels; whole pixels unless a panel has more cells than pixels. */
function cellSide(grid: readonly (readonly Matrix[])[]): number {
  const panel = Math.min(PANEL.most, Math.max(PANEL.least, Math.floor(GRID / grid[0].length) - GAP));
  const longest = Math.max(widest(grid, 'rows'), widest(grid, 'columns'));
  return longest > panel ? panel / longest : Math.round(panel / longest);
}

/**
 * Checks that there is a grid, and that all of its panels can be drawn.
 * @throws RicciError `verify/picture`
 */
export function checkGrid(grid: readonly (readonly Matrix[])[]): void {
  const lengths = grid.map((row) => row.length);
  if (lengths.length === 0 || lengths[0] === 0 || lengths.some((length) => length !== lengths[0])) {
    throw new RicciError({
      code: 'verify/picture',
      message: `The rows of the grid have ${lengths.length === 0 ? 'no' : lengths.join(', ')} panels.`,
      hint: 'Give at least one row, at least one panel in it, and as many in every other.',
    });
  }
  grid.forEach((row, y) => row.forEach((panel, x) => checkMatrix(panel, `The panel in row ${y}, column ${x}`)));
}
