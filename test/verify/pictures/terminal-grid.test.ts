import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scaleFor, terminalGrid, terminalPicture, type Matrix } from '../../../verify/pictures/index.ts';
import { runs } from '../../support/runs.ts';
import { anyNumber, plain } from './support.ts';

/** Grids of matrices that all have one shape. */
const grids = fc.record({
  rows: fc.integer({ min: 1, max: 6 }), columns: fc.integer({ min: 1, max: 20 }),
  layers: fc.integer({ min: 1, max: 3 }), heads: fc.integer({ min: 1, max: 5 }),
}).chain(({ rows, columns, layers, heads }) => {
  const panel = fc.array(anyNumber, { minLength: rows * columns, maxLength: rows * columns })
    .map((values): Matrix => ({ rows, columns, values }));
  const row = fc.array(panel, { minLength: heads, maxLength: heads });
  return fc.array(row, { minLength: layers, maxLength: layers });
});

const widths = fc.integer({ min: 28, max: 120 });

describe('a grid for a terminal', () => {
  test('has no line wider than asked', () => fc.assert(
    fc.property(grids, widths, fc.boolean(), (grid, width, colours) => {
      const columnTitles = grid[0].map((_, h) => `head ${h} ${'x'.repeat(30)}`);
      for (const line of plain(terminalGrid(grid, { width, colours, columnTitles })).split('\n'))
        expect([...line].length).toBeLessThanOrEqual(width);
    }), runs(100),
  ));

  test('of one panel is the picture of that panel, but for the empty line above its scale', () => fc.assert(
    fc.property(grids, widths, fc.boolean(), ([[panel]], width, colours) => {
      const options = { width, colours };
      expect(terminalGrid([[panel]], options).replace('\n\n', '\n')).toBe(terminalPicture(panel, options));
    }), runs(100),
  ));

  test('has the first panels of each row, as many as fit, in the order of the grid', () => fc.assert(
    fc.property(grids, widths, fc.boolean(), (grid, width, colours) => {
      const side = grid[0][0].columns * (colours ? 1 : 2);
      const fit = Math.min(grid[0].length, Math.max(1, Math.floor((width + 2) / (side + 2))));
      const shown = grid.map((row) => row.slice(0, fit));
      const scale = scaleFor(...shown.flat().map(({ values }) => values));
      const rowsOf = (panel: Matrix): readonly string[] =>
        plain(terminalPicture(panel, { width, colours, scale })).split('\n')
          .slice(0, colours ? Math.ceil(panel.rows / 2) : panel.rows);
      const expected = shown.map((row) => {
        const panels = row.map(rowsOf);
        return panels[0].map((_, at) => panels.map((lines) => lines[at]).join('  ')).join('\n');
      });
      const parts = plain(terminalGrid(grid, { width, colours })).split('\n\n').slice(0, -1);
      if (side <= width) expect(parts).toEqual(expected);
      else expect(parts).toHaveLength(expected.length);
    }), runs(100),
  ));

  test('has titles above panels, and one scale under all', () => {
    const panel = (value: number): Matrix => ({ rows: 1, columns: 4, values: [0, value, value, 0] });
    const titles = { rowTitles: ['l0', 'l1'], columnTitles: ['h0', 'h1'] };
    expect(terminalGrid([[panel(9), panel(0)], [panel(3), panel(9)]], titles)).toBe([
      'l0, h0    l0, h1', '  @@@@            ', '', 'l1, h0    l1, h1', '  ----      @@@@  ', '',
      '0  .:-=+*#%@ 9',
    ].join('\n'));
  });

  test('refuses a grid without panels, rows of different lengths and too narrow a terminal', () => {
    const panel: Matrix = { rows: 1, columns: 1, values: [1] };
    expect(() => terminalGrid([])).toThrow('The rows of the grid have no panels.');
    expect(() => terminalGrid([[panel], [panel, panel]])).toThrow('The rows of the grid have 1, 2 panels.');
    expect(() => terminalGrid([[panel]], { width: 27 })).toThrow('cannot be 27 characters wide');
  });
});
