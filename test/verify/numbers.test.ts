import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { argmax, largestDifference, logProbability, margin, relativeChange } from '../../verify/numbers.ts';
import { runs } from '../support/runs.ts';

const numbers = fc.array(fc.integer({ min: -8000, max: 8000 }).map((n) => n / 8), { minLength: 1, maxLength: 20 });

describe('comparing numbers', () => {
  test('the largest difference is that of some entry, and no entry differs more', () => fc.assert(
    fc.property(numbers, numbers, (x, y) => {
      const n = Math.min(x.length, y.length);
      const differences = x.slice(0, n).map((v, i) => Math.abs(v - y[i]));
      expect(largestDifference(x.slice(0, n), y.slice(0, n))).toBe(Math.max(...differences));
    }), runs(200),
  ));

  test('what is missing or no number makes no small difference', () => {
    expect(largestDifference([1, NaN], [1, 2])).toBeNaN();
    expect(largestDifference([NaN, 1], [0, 1])).toBeNaN();
    expect(largestDifference([1], [1, 2])).toBeNaN();
    expect(largestDifference([NaN, 2], [NaN, 3])).toBeNaN();
  });

  test('a relative change does not depend on the scale, and is 0 for the same alone', () => fc.assert(
    fc.property(numbers, numbers, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (x, y, scale) => {
      const n = Math.min(x.length, y.length);
      const [a, b] = [x.slice(0, n), y.slice(0, n)];
      fc.pre(b.some((v) => v !== 0));
      const change = relativeChange(a, b);
      expect(relativeChange(b, b)).toBe(0);
      const scaled = relativeChange(a.map((v) => v * scale), b.map((v) => v * scale));
      expect(Math.abs(scaled - change)).toBeLessThanOrEqual(1e-9 * change);
    }), runs(200),
  ));
});

describe('logits', () => {
  test('probabilities add up to 1, and the largest logit has the largest', () => fc.assert(
    fc.property(numbers, (x) => {
      const p = x.map((_, i) => Math.exp(logProbability(x, i)));
      expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      expect(Math.max(...p)).toBe(p[argmax(x)]);
    }), runs(200),
  ));

  test('the margin is what the largest can lose before another is the largest', () => fc.assert(
    fc.property(numbers.filter((x) => x.length > 1), (x) => {
      const sorted = [...x].sort((a, b) => b - a);
      expect(margin(x)).toBe(sorted[0] - sorted[1]);
    }), runs(200),
  ));
});
