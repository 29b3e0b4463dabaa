import { scaleFor } from './colours.ts';
import { legible, textColumns } from './labels.ts';
import type { Matrix } from './matrix.ts';
import { checkGrid } from './small-multiples.ts';
import { cellLines, checkWidth, fitted, legendLines, type TerminalOptions } from './terminal.ts';

export interface TerminalGridOptions extends TerminalOptions {
  /** One for each row of the grid, such as layers. */
  readonly rowTitles?: readonly string[];
  /** One for each column of the grid, such as heads. */
  readonly columnTitles?: readonly string[];
}

/** Characters between neighbours. */
const GAP = 2;

/**
 * A grid [layers, heads] of matrices as text, with one scale under all of them: of each row as many panels as fit
 * beside each other without averaging, and one at least. Each panel is drawn as `terminalPicture` draws it.
 * @throws RicciError `verify/picture` where the grid is empty or its rows are not equally long, the values of a panel
 *   do not fill its shape, or the width is below 28
 */
export function terminalGrid(grid: readonly (readonly Matrix[])[], options: TerminalGridOptions = {}): string {
  const { colours = false, width = 72, rowTitles, columnTitles } = options;
  checkGrid(grid);
  checkWidth(width);
  const perCell = colours ? 1 : 2;
  const widest = grid.flat().reduce((most, { columns }) => Math.max(most, columns), 0) * perCell;
  const count = Math.max(1, Math.floor((width + GAP) / (widest + GAP)));
  const shown = grid.map((row) => row.slice(0, count));
  const cells = shown.map((row) => row.map((panel) => fitted(panel, Math.floor(width / perCell))));
  const values = cells.flat().map((panel) => panel.values);
  const scale = options.scale ?? scaleFor(...values);
  const rows = cells.map((row, r) => {
    const titles = row.map((_, c) => [rowTitles?.[r], columnTitles?.[c]].filter((t) => t !== undefined).join(', '));
    return beside(row.map((panel, c) => ({
      columns: panel.columns * perCell, title: titles[c], lines: cellLines(panel, scale, colours),
    })));
  });
  const all = shown.flat().map((panel) => panel.values);
  return [...rows, legendLines(scale, values, all, { colours, width }).join('\n')].join('\n\n');
}

interface Drawn {
  /** Characters that its lines take in a terminal: sequences for colours take none. */
  readonly columns: number;
  readonly title: string;
  readonly lines: readonly string[];
}

/** Panels from left to right, under their titles where there are any. */
function beside(panels: readonly Drawn[]): string {
  const titled = panels.some(({ title }) => title !== '');
  const height = Math.max(...panels.map(({ lines }) => lines.length));
  const space = ' '.repeat(GAP);
  const titles = panels.map(({ title, columns }) => {
    const text = legible(title, columns);
    return text + ' '.repeat(columns - textColumns(text));
  });
  const lines = Array.from({ length: height }, (_, at) =>
    panels.map(({ lines: own, columns }) => own[at] ?? ' '.repeat(columns)).join(space));
  return [...(titled ? [titles.join(space).trimEnd()] : []), ...lines].join('\n');
}
