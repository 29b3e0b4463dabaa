import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  colourAt, curves, heatMap, type Matrix, scaleFor, sequentialScale, smallMultiples,
} from '../../../verify/pictures/index.ts';
import { anyText, imagesOf, matrices, tameNumber } from './support.ts';
import { allElements, elementsNamed, parseXml, type XmlElement } from './xml.ts';

const textsOf = (picture: XmlElement): readonly string[] => elementsNamed(picture, 'text').map(({ text }) => text);
const NAMES = new Set(['svg', 'title', 'desc', 'g', 'rect', 'image', 'text', 'path', 'polyline', 'circle']);

const labelled = matrices(4).chain((matrix) => fc.record({
  matrix: fc.constant(matrix),
  title: anyText,
  rowLabels: fc.array(anyText, { minLength: matrix.rows, maxLength: matrix.rows }),
  columnLabels: fc.array(anyText, { minLength: matrix.columns, maxLength: matrix.columns }),
}));

/** A picture is one tree of known elements with a name, whatever its texts hold. */
function checkPicture(source: string): XmlElement {
  const picture = parseXml(source);
  for (const { name, attributes } of allElements(picture)) {
    expect(NAMES).toContain(name);
    expect(Object.keys(attributes).filter((key) => key.startsWith('on'))).toEqual([]);
    expect(Object.values(attributes).join(' ')).not.toMatch(/NaN|Infinity|undefined/);
  }
  expect(picture.children[0].name).toBe('title');
  return picture;
}

describe('every picture is well-formed, whatever its texts hold', () => {
  test('heat maps', () => {
    fc.assert(fc.property(labelled, ({ matrix, ...options }) => {
      const picture = checkPicture(heatMap(matrix, options));
      expect(elementsNamed(picture, 'image')).toHaveLength(2);
    }));
  });

  test('small multiples', () => {
    fc.assert(fc.property(labelled, anyText, anyText, ({ matrix, title }, rowTitle, columnTitle) => {
      const grid = [[matrix, matrix]];
      const options = { title, rowTitles: [rowTitle], columnTitles: [columnTitle, rowTitle] };
      expect(elementsNamed(checkPicture(smallMultiples(grid, options)), 'image')).toHaveLength(3);
    }));
  });

  test('curves', () => {
    const list = fc.array(fc.record({ name: anyText, y: fc.array(fc.double()) }), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(list, anyText, anyText, anyText, fc.boolean(), (all, title, xTitle, yTitle, logarithmic) => {
      checkPicture(curves(all, { title, xTitle, yTitle, logarithmic }));
    }));
  });
});

describe('a heat map', () => {
  test('holds the cells in the colours of the scale', () => {
    fc.assert(fc.property(matrices(6), (matrix) => {
      const [cells] = imagesOf(parseXml(heatMap(matrix)));
      const scale = scaleFor(matrix.values);
      expect([cells.width, cells.height]).toEqual([matrix.columns, matrix.rows]);
      expect(cells.colours).toEqual(Array.from(matrix.values, (value) => colourAt(scale, value)));
    }));
  });

  test('shows tokens as they are, limits, and how many numbers are none', () => {
    const matrix = { rows: 2, columns: 2, values: [0.25, NaN, -Infinity, 0.12345] };
    const picture = parseXml(heatMap(matrix, {
      title: 'A & B', rowLabels: ['<s>', '\n'], columnLabels: [' the', 'an internationalisation'],
    }));
    expect(textsOf(picture)).toEqual([
      'A & B', '<s>', '↵', '␣the', 'an internationali…', '0', '0.25', 'NaN (1)', '±∞ (1)',
    ]);
    expect(picture.children.map(({ name, text }) => [name, text]).slice(0, 2)).toEqual([
      ['title', 'A & B'],
      ['desc', '2 rows, 2 columns; sequential colours from 0 to 0.25; 1 not a number, 1 infinite.'],
    ]);
  });

  test('says where numbers lie beyond the limits of a given scale', () => {
    const matrix = { rows: 1, columns: 2, values: [-1, 7] };
    expect(textsOf(parseXml(heatMap(matrix, { scale: sequentialScale(0, 2) })))).toEqual(['0', '0', '1', '≤ 0', '≥ 2']);
  });

  test('draws labels no closer than a line of them is high, and numbers at round places', () => {
    const size = 300;
    const matrix = { rows: size, columns: size, values: new Float32Array(size * size) };
    const labels = Array.from({ length: size }, (_, i) => `t${i}`);
    const drawn = textsOf(parseXml(heatMap(matrix, { rowLabels: labels })));
    expect(drawn.filter((text) => text.startsWith('t')).slice(0, 3)).toEqual(['t0', 't10', 't20']);
    expect(drawn.filter((text) => !text.startsWith('t')).slice(0, 3)).toEqual(['0', '20', '40']);
  });

  test('of a large matrix is averaged to what can be seen', () => {
    const [rows, columns] = [1, 3000];
    const [cells] = imagesOf(parseXml(heatMap({ rows, columns, values: new Float32Array(columns).fill(2) })));
    expect([cells.width, cells.height]).toEqual([1024, 1]);
    expect(new Set(cells.colours.map(String))).toEqual(new Set([String(colourAt(sequentialScale(0, 2), 2))]));
  });

  test('refuses labels that are not as many as cells', () => {
    const matrix = { rows: 1, columns: 2, values: [1, 2] };
    expect(() => heatMap(matrix, { columnLabels: ['a'] })).toThrow('1 labels of columns were given for 2.');
    expect(() => heatMap(matrix, { rowLabels: [] })).toThrow('0 labels of rows were given for 1.');
  });
});

describe('small multiples', () => {
  const exactly = <T>(value: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> =>
    fc.array(value, { minLength: length, maxLength: length });
  const grids = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })).chain(([rows, columns]) =>
    exactly(exactly(matrices(3, tameNumber), columns), rows));

  test('share the scale of all their data', () => {
    fc.assert(fc.property(grids, (grid) => {
      const panels: readonly Matrix[] = grid.flat();
      const scale = scaleFor(...panels.map(({ values }) => values));
      const images = imagesOf(parseXml(smallMultiples(grid))).slice(0, panels.length);
      images.forEach(({ colours }, i) =>
        expect(colours).toEqual(Array.from(panels[i].values, (value) => colourAt(scale, value))));
    }));
  });

  test('have names, titles of rows and columns, and one legend', () => {
    const panel = { rows: 1, columns: 1, values: [4] };
    const options = { rowTitles: ['layer 0'], columnTitles: ['head 0', 'head 1'] };
    const picture = parseXml(smallMultiples([[panel, panel]], options));
    expect(textsOf(picture)).toEqual(['head 0', 'head 1', 'layer 0', '0', '4']);
    expect(elementsNamed(picture, 'title').map(({ text }) => text))
      .toEqual(['Matrices', 'layer 0, head 0', 'layer 0, head 1']);
  });

  test('refuse a grid that is none', () => {
    const panel = { rows: 1, columns: 1, values: [4] };
    expect(() => smallMultiples([])).toThrow('The rows of the grid have no panels.');
    expect(() => smallMultiples([[panel], [panel, panel]])).toThrow('The rows of the grid have 1, 2 panels.');
    expect(() => smallMultiples([[panel, { ...panel, rows: 2 }]]))
      .toThrow('The panel in row 0, column 1 has 1 values, but 2 rows of 1 columns take 2.');
    expect(() => smallMultiples([[panel]], { rowTitles: [] })).toThrow('0 titles of rows were given for 1.');
  });
});
