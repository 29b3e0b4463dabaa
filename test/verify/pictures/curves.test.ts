import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Axis, linearAxis, logAxis } from '../../../verify/pictures/axis.ts';
import { type Curve, curves } from '../../../verify/pictures/index.ts';
import { anyNumber } from './support.ts';
import { elementsNamed, parseXml, type XmlElement } from './xml.ts';

const drawable = (x: number, y: number, logarithmic: boolean): boolean =>
  Math.abs(x) <= 1e300 && (logarithmic ? y > 0 && y < Infinity : Math.abs(y) <= 1e300);

/** How many points there are in each run without a gap. */
function runs({ x, y }: Curve, logarithmic: boolean): readonly number[] {
  const signs = Array.from(y, (value, i) => (drawable(x?.[i] ?? i, value, logarithmic) ? '+' : '-')).join('');
  return signs.split(/-+/).map((run) => run.length).filter((length) => length > 0);
}

const numbersOf = (text: string): readonly number[] => text.split(/[ ,]/).map(Number);

/** The group of each curve, told by its title. */
const groups = (picture: XmlElement): readonly XmlElement[] =>
  elementsNamed(picture, 'g').filter(({ children }) => children[0]?.name === 'title');

const curveList = fc.array(
  fc.record({ name: fc.string(), points: fc.array(fc.tuple(anyNumber, anyNumber), { maxLength: 60 }) })
    .map(({ name, points }): Curve => ({ name, x: points.map(([x]) => x), y: points.map(([, y]) => y) })),
  { minLength: 1, maxLength: 4 },
);

describe('curves', () => {
  test('keep all their points inside the plot', () => {
    const size = fc.integer({ min: 1, max: 2000 });
    fc.assert(fc.property(curveList, fc.boolean(), size, size, (list, logarithmic, width, height) => {
      const picture = parseXml(curves(list, { logarithmic, width, height }));
      const points = [
        ...elementsNamed(picture, 'polyline').map(({ attributes }) => numbersOf(attributes.points)),
        ...elementsNamed(picture, 'circle').map(({ attributes: { cx, cy } }) => [Number(cx), Number(cy)]),
      ].flat();
      points.forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(i % 2 === 0 ? width : height);
      });
    }));
  });

  test('have a line for each run of points, a mark where a run is one point, and a gap where one is missing', () => {
    fc.assert(fc.property(curveList, fc.boolean(), (list, logarithmic) => {
      const drawn = groups(parseXml(curves(list, { logarithmic })));
      expect(drawn).toHaveLength(list.length);
      drawn.forEach((group, i) => {
        const expected = runs(list[i], logarithmic);
        const lines = elementsNamed(group, 'polyline');
        expect(lines.map(({ attributes: { points } }) => numbersOf(points).length / 2))
          .toEqual(expected.filter((length) => length > 1));
        // Few points are all marked.
        const marked = list[i].y.length <= 40 ? expected : expected.filter((length) => length === 1);
        expect(elementsNamed(group, 'circle')).toHaveLength(marked.reduce((a, b) => a + b, 0));
      });
    }));
  });

  test('are told apart by stroke and dashes, up to 35 of them, as the legend shows', () => {
    const list = Array.from({ length: 35 }, (_, i) => ({ name: `curve ${i}`, y: [i, i + 1] }));
    const picture = parseXml(curves(list));
    const style = ({ attributes }: XmlElement): string => `${attributes['stroke']} ${attributes['stroke-dasharray']}`;
    const lines = elementsNamed(picture, 'polyline').map(style);
    expect(new Set(lines).size).toBe(35);
    const legend = elementsNamed(picture, 'path').filter(({ attributes }) => attributes['stroke-width'] !== undefined);
    expect(legend.map(style)).toEqual(lines);
  });

  test('have titles on both axes and names in the legend', () => {
    const picture = parseXml(curves(
      [{ name: 'layer 0', y: [100, 1, 0.01, 0] }],
      { title: 'Singular values', xTitle: 'index', yTitle: 'value', logarithmic: true },
    ));
    expect(elementsNamed(picture, 'text').map(({ text }) => text)).toEqual([
      'Singular values', '0', '1', '2', '3', '0.01', '0.1', '1', '10', '100', 'index', 'value', 'layer 0',
    ]);
  });

  test('keep numbers on the axes apart, however small the plot is', () => {
    const size = fc.integer({ min: 1, max: 700 });
    fc.assert(fc.property(curveList, fc.boolean(), size, (list, logarithmic, width) => {
      const below = elementsNamed(parseXml(curves(list, { logarithmic, width })), 'text')
        .filter(({ attributes }) => attributes['text-anchor'] === 'middle')
        .map(({ attributes: { x }, text }) => ({ x: Number(x), half: (text.length * 11 * 0.61) / 2 }));
      below.slice(1).forEach(({ x, half }, i) => expect(x - half).toBeGreaterThan(below[i].x + below[i].half));
    }));
  });

  test('have a legend below as they have one beside, under the plot and inside the picture', () => {
    fc.assert(fc.property(curveList, fc.integer({ min: 60, max: 900 }), (list, width) => {
      const [beside, below] = (['beside', 'below'] as const).map((legend) => parseXml(curves(list, { width, legend })));
      const samples = (picture: XmlElement): readonly string[] => elementsNamed(picture, 'path')
        .filter(({ attributes }) => attributes['stroke-width'] !== undefined).map(({ attributes: { stroke } }) => stroke);
      expect(samples(below)).toEqual(samples(beside));
      const [wide, narrow] = [beside, below].map(({ attributes }) => Number(attributes['width']));
      expect(narrow).toBeLessThan(wide);
      // Entries do not lie over each other.
      const at = elementsNamed(below, 'path').filter(({ attributes }) => attributes['stroke-width'] !== undefined)
        .map(({ attributes: { d } }) => d);
      expect(new Set(at).size).toBe(at.length);
    }));
  });

  test('keep the colours and dashes that they are given, in the plot as in the legend', () => {
    const styles = fc.uniqueArray(fc.nat(34), { minLength: 1, maxLength: 6 });
    const strokes = (list: readonly Curve[]): readonly string[] => elementsNamed(parseXml(curves(list)), 'path')
      .filter(({ attributes }) => attributes['stroke-width'] !== undefined)
      .map(({ attributes }) => `${attributes['stroke']} ${attributes['stroke-dasharray']}`);
    const all = strokes(Array.from({ length: 35 }, (_, i) => ({ name: `${i}`, y: [1] })));
    fc.assert(fc.property(styles, (some) => {
      expect(strokes(some.map((style) => ({ name: `${style}`, y: [1, 2], style })))).toEqual(some.map((i) => all[i]));
    }));
  });

  test('have an axis that holds what it is asked to', () => {
    const labels = (picture: string): readonly string[] => elementsNamed(parseXml(picture), 'text')
      .filter(({ attributes }) => attributes['text-anchor'] === 'end').map(({ text }) => text);
    const list = [{ name: 'rank', y: [15, 16, 15] }];
    expect(labels(curves(list))).toEqual(['15', '16']);
    expect(labels(curves(list, { holds: [0, 16] }))).toEqual(['0', '5', '10', '15', '20']);
  });

  test('are refused together, with all that is wrong', () => {
    const uneven = { name: 'a', x: [1], y: [1, 2] };
    expect(() => curves([uneven, { ...uneven, name: 'b' }], { width: 0 })).toThrow(
      'A plot cannot be 0 × 320 pixels. The curve "a" has 1 x and 2 y. The curve "b" has 1 x and 2 y.',
    );
    expect(() => curves([])).toThrow(expect.objectContaining({ code: 'verify/picture' }));
  });
});

describe('axes', () => {
  const data = fc.array(anyNumber);
  const shown = (axis: Axis): string => axis.ticks.map(({ label }) => label).join(' ');

  /** Ticks go up, have labels of their own, and these say where the ticks are. */
  function checkTicks(axis: Axis): void {
    expect(axis.ticks.length).toBeGreaterThan(0);
    expect(axis.ticks.length).toBeLessThan(14);
    expect(new Set(axis.ticks.map(({ label }) => label)).size).toBe(axis.ticks.length);
    axis.ticks.forEach(({ at, label }, i) => {
      if (i > 0) expect(at).toBeGreaterThan(axis.ticks[i - 1].at);
      // A label may lie a little beyond the ends of what numbers can be told apart.
      expect(Math.abs((axis.place(Number(label)) ?? NaN) - at)).toBeLessThan(0.01);
    });
  }

  test('of differences have ticks at multiples of 1, 2 or 5 times a power of ten', () => {
    fc.assert(fc.property(data, fc.constantFrom('data' as const, 'ticks' as const), (values, ends) => {
      const axis = linearAxis([values], ends);
      checkTicks(axis);
      if (ends === 'ticks') expect([axis.ticks[0].at, axis.ticks[axis.ticks.length - 1].at]).toEqual([0, 1]);
    }));
    const labels = (...values: number[]): string => shown(linearAxis([values], 'ticks'));
    expect(labels(0, 0.93)).toBe('0 0.2 0.4 0.6 0.8 1.0');
    expect(labels(0, 3)).toBe('0 1 2 3');
    expect(labels(-3, 9)).toBe('-4 -2 0 2 4 6 8 10');
    expect(labels(1e-6, 2.9e-6)).toBe('1e-6 1.5e-6 2e-6 2.5e-6 3e-6');
    expect(labels(2e6, 4e7)).toBe('0 1e7 2e7 3e7 4e7');
    expect(labels(1000.001, 1000.004)).toBe('1000.001 1000.002 1000.003 1000.004');
  });

  test('of ratios have ticks at 1, 2 and 5 times powers of ten, or at powers alone', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 1e-300, max: 1e300, noNaN: true })), (values) => {
      checkTicks(logAxis([values]));
    }));
    const labels = (...values: number[]): string => shown(logAxis([values]));
    expect(labels(0.9, 3)).toBe('0.5 1 2 5');
    expect(labels(1, 1)).toBe('0.5 1 2');
    expect(labels(3e-5, 700)).toBe('1e-4 0.01 1 100');
    expect(labels(-1, 0, NaN)).toBe('0.1 0.2 0.5 1');
  });

  test('keep the order of numbers, and refuse those that cannot lie on them', () => {
    fc.assert(fc.property(data, anyNumber, anyNumber, fc.boolean(), (values, a, b, logarithmic) => {
      const axis = logarithmic ? logAxis([values]) : linearAxis([values], 'ticks');
      const [below, above] = [axis.place(Math.min(a, b)), axis.place(Math.max(a, b))];
      expect(below === undefined).toBe(!drawable(0, Math.min(a, b), logarithmic));
      if (below !== undefined && above !== undefined) expect(below).toBeLessThanOrEqual(above);
    }));
  });
});
