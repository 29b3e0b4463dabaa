import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INFINITY_COLOUR, NAN_COLOUR } from '../../../verify/pictures/colours.ts';
import {
  colourAt, type ColourScale, divergingScale, type Rgb, scaleFor, sequentialScale,
} from '../../../verify/pictures/index.ts';
import { anyNumber, cieLab } from './support.ts';

const STEPS = 201;
const all = (scale: ColourScale): readonly Rgb[] =>
  Array.from({ length: STEPS }, (_, i) => colourAt(scale, scale.low + ((scale.high - scale.low) * i) / (STEPS - 1)));
const SEQUENTIAL = all(sequentialScale(0, 1));
const DIVERGING = all(divergingScale(1));
const lightness = (colour: Rgb): number => cieLab(colour)[0];
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

const scales = fc.oneof(
  fc.tuple(finite, finite).filter(([a, b]) => a !== b).map(([a, b]) => sequentialScale(Math.min(a, b), Math.max(a, b))),
  finite.filter((high) => high !== 0).map((high) => divergingScale(Math.abs(high))),
);
const placeOf = (scale: ColourScale, value: number): number =>
  (scale.kind === 'sequential' ? SEQUENTIAL : DIVERGING).findIndex((c) => c.join() === colourAt(scale, value).join());

describe('colours of a scale', () => {
  test('a larger number is never further down, and a finite one always on the scale', () => {
    fc.assert(fc.property(scales, finite, finite, (scale, a, b) => {
      const [below, above] = [placeOf(scale, Math.min(a, b)), placeOf(scale, Math.max(a, b))];
      expect(below).toBeGreaterThanOrEqual(0);
      expect(above).toBeGreaterThanOrEqual(below);
    }));
  });

  test('limits and all beyond them have the outermost colours', () => {
    fc.assert(fc.property(scales, finite, (scale, value) => {
      expect(placeOf(scale, Math.max(value, scale.high))).toBe(STEPS - 1);
      expect(placeOf(scale, Math.min(value, scale.low))).toBe(0);
    }));
  });

  test('a diverging scale is symmetric, with zero in the middle', () => {
    fc.assert(fc.property(finite.filter((x) => x !== 0), finite, (high, value) => {
      const scale = divergingScale(Math.abs(high));
      expect(placeOf(scale, 0)).toBe((STEPS - 1) / 2);
      // Halves are rounded up, and so numbers in the middle between two steps are a step apart.
      expect(Math.abs(placeOf(scale, value) + placeOf(scale, -value) - (STEPS - 1))).toBeLessThanOrEqual(1);
    }));
  });

  test('CIE lightness falls at every step, and evenly: from one end, or from zero to both', () => {
    const falls = (side: readonly Rgb[], from: number, to: number): void => side.forEach((colour, i) => {
      if (i > 0) expect(lightness(colour), `step ${i}`).toBeLessThan(lightness(side[i - 1]));
      expect(Math.abs(lightness(colour) - (from + ((to - from) * i) / (side.length - 1)))).toBeLessThan(1);
    });
    falls(SEQUENTIAL, 97, 16);
    falls(DIVERGING.slice((STEPS - 1) / 2), 97, 22);
    falls(DIVERGING.slice(0, (STEPS + 1) / 2).reverse(), 97, 22);
  });

  test('NaN and infinities have colours that no number has, nor one near them', () => {
    const apart = (a: Rgb, b: Rgb): number => Math.hypot(...cieLab(a).map((x, i) => x - cieLab(b)[i]));
    for (const colour of [...SEQUENTIAL, ...DIVERGING]) {
      expect(apart(colour, NAN_COLOUR)).toBeGreaterThan(20);
      expect(apart(colour, INFINITY_COLOUR)).toBeGreaterThan(20);
    }
    expect(apart(INFINITY_COLOUR, NAN_COLOUR)).toBeGreaterThan(20);
    for (const scale of [sequentialScale(0, 1), divergingScale(1)]) {
      expect(colourAt(scale, NaN)).toEqual(NAN_COLOUR);
      expect(colourAt(scale, Infinity)).toEqual(colourAt(scale, -Infinity));
    }
  });
});

describe('the scale for data', () => {
  test('holds all finite numbers, diverges exactly where one is negative, and is as tight as zero allows', () => {
    fc.assert(fc.property(fc.array(fc.array(anyNumber)), (parts) => {
      const scale = scaleFor(...parts);
      const values = parts.flat().filter(Number.isFinite);
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(scale.kind).toBe(values.some((value) => value < 0) ? 'diverging' : 'sequential');
      expect(scale.high).toBe(largest === 0 ? 1 : largest);
      expect(scale.low).toBe(scale.kind === 'diverging' ? -scale.high : 0);
    }));
  });

  test('of nothing, of zeros and of what is not finite goes from 0 to 1', () => {
    const unit: ColourScale = { kind: 'sequential', low: 0, high: 1 };
    for (const data of [[], [0, 0], [-0], [NaN, Infinity, -Infinity]]) expect(scaleFor(data)).toEqual(unit);
    expect(scaleFor()).toEqual(unit);
    expect(scaleFor([5, 5])).toEqual({ kind: 'sequential', low: 0, high: 5 });
  });

  test('has limits that are limits', () => {
    expect(() => sequentialScale(1, 1)).toThrow('A colour scale cannot go from 1 to 1.');
    expect(() => sequentialScale(0, Infinity)).toThrow('A colour scale cannot go from 0 to Infinity.');
    expect(() => divergingScale(-2)).toThrow('A colour scale cannot go from 2 to -2.');
    expect(() => divergingScale(NaN)).toThrow('Give finite limits, the lower one first.');
  });
});
