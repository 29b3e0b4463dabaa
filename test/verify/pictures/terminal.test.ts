import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { colourAt, downSampled, type Matrix, scaleFor, terminalPicture } from '../../../verify/pictures/index.ts';
import { matrices, plain, SEQUENCE, tameNumber } from './support.ts';

const mean = ({ values }: Matrix): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

const sampled = matrices(12, tameNumber).chain((matrix) => fc.record({
  matrix: fc.constant(matrix), rows: fc.integer({ min: 1, max: matrix.rows }),
  columns: fc.integer({ min: 1, max: matrix.columns }),
}));

describe('averaging to fewer cells', () => {
  test('preserves the mean', () => {
    fc.assert(fc.property(sampled, ({ matrix, rows, columns }) => {
      const smaller = downSampled(matrix, rows, columns);
      expect([smaller.rows, smaller.columns, smaller.values.length]).toEqual([rows, columns, rows * columns]);
      expect(Math.abs(mean(smaller) - mean(matrix))).toBeLessThan(1e-9);
    }));
  });

  test('keeps a constant, and stays between the least and the greatest', () => {
    fc.assert(fc.property(sampled, tameNumber, ({ matrix, rows, columns }, constant) => {
      const all = Array.from(matrix.values);
      for (const value of Array.from(downSampled(matrix, rows, columns).values)) {
        expect(value).toBeGreaterThanOrEqual(Math.min(...all) - 1e-9);
        expect(value).toBeLessThanOrEqual(Math.max(...all) + 1e-9);
      }
      const same = downSampled({ ...matrix, values: all.map(() => constant) }, rows, columns);
      for (const value of Array.from(same.values)) expect(Math.abs(value - constant)).toBeLessThan(1e-9);
    }));
  });

  test('averages no NaN away', () => {
    fc.assert(fc.property(sampled, fc.nat(), ({ matrix, rows, columns }, at) => {
      const values = Array.from(matrix.values).with(at % matrix.values.length, NaN);
      expect(Array.from(downSampled({ ...matrix, values }, rows, columns).values).some(Number.isNaN)).toBe(true);
    }));
  });

  test('takes parts of cells where they do not divide evenly', () => {
    expect(Array.from(downSampled({ rows: 1, columns: 3, values: [3, 6, 9] }, 1, 2).values)).toEqual([4, 8]);
  });
});

describe('a picture for a terminal', () => {
  test('has no line wider than asked', () => {
    fc.assert(fc.property(matrices(60), fc.integer({ min: 28, max: 100 }), fc.boolean(), (matrix, width, colours) => {
      for (const line of plain(terminalPicture(matrix, { width, colours })).split('\n'))
        expect([...line].length).toBeLessThanOrEqual(width);
    }), { numRuns: 50 });
  });

  test('shows in its upper and lower halves the colours of the cells', () => {
    fc.assert(fc.property(matrices(8), (matrix) => {
      const { rows, columns, values } = matrix;
      const lines = terminalPicture(matrix, { colours: true }).split('\n').slice(0, Math.ceil(rows / 2));
      const codesOf = (line: string): readonly string[] => [...line.matchAll(SEQUENCE)].map(([, codes]) => codes);
      const shown = lines.map((line) => codesOf(line).filter((codes) => codes !== '0'));
      const expected = lines.map((_, line) => Array.from({ length: columns }, (_cell, column) => {
        const code = (layer: number, row: number): readonly string[] =>
          row < rows ? [`${layer};2;${colourAt(scaleFor(values), values[row * columns + column]).join(';')}`] : [];
        return [...code(38, 2 * line), ...code(48, 2 * line + 1)];
      }).flat());
      expect(shown).toEqual(expected);
    }));
  });

  test('without colours has denser characters for larger numbers', () => {
    fc.assert(fc.property(matrices(8, tameNumber), (matrix) => {
      const { rows, columns, values } = matrix;
      const lines = terminalPicture(matrix).split('\n').slice(0, rows);
      const densities = lines.flatMap((line) =>
        [...line].filter((_, i) => i % 2 === 0).map((ink) => ' .:-=+*#%@'.indexOf(ink)));
      expect(densities).toHaveLength(rows * columns);
      const order = Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
      order.forEach((cell, i) => expect(densities[cell]).toBeGreaterThanOrEqual(i === 0 ? 0 : densities[order[i - 1]]));
    }));
  });

  test('without colours has one character for all that is about zero, where there are numbers of both signs', () => {
    const text = terminalPicture({ rows: 1, columns: 5, values: [-9, -0.5, 0, 0.5, 9] });
    expect(text).toBe(['  ======@@', '-9  .:-=+*#@ 9'].join('\n'));
  });

  test('has no sequences where colours are not asked for, and the scale beneath', () => {
    const matrix = { rows: 2, columns: 3, values: [0, 1, 2, 3, NaN, -Infinity] };
    expect(terminalPicture(matrix)).toBe(['  --**', '@@??!!', '0  .:-=+*#%@ 3', '? NaN (1)', '! ±∞ (1)'].join('\n'));
  });

  test('of a wide matrix is averaged, keeping its shape', () => {
    const [rows, columns] = [100, 200];
    const wide = { rows, columns, values: Array.from({ length: rows * columns }, (_, i) => i % columns) };
    const lines = plain(terminalPicture(wide, { width: 40, colours: true })).split('\n');
    expect(lines.map((line) => line.length)).toEqual([...new Array<number>(10).fill(40), '2  197'.length + 24]);
    expect(terminalPicture(wide, { width: 40 }).split('\n')).toHaveLength(11);
  });

  test('cannot be narrower than its line with the scale', () => {
    expect(() => terminalPicture({ rows: 1, columns: 1, values: [1] }, { width: 27 }))
      .toThrow('A picture for a terminal cannot be 27 characters wide.');
  });
});
