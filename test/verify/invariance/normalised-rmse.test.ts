import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalisedRmse } from '../../../verify/invariance/normalised-rmse.ts';
import { runs } from '../../support/runs.ts';

const digit = fc.integer({ min: -9, max: 9 });

/** Two runs, each of several tensors: as many, and of the same lengths. */
const twoRuns = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }).chain((lengths) => {
  const run = fc.tuple(...lengths.map((length) => fc.array(digit, { minLength: length, maxLength: length })));
  return fc.record({ x: run, r: run });
});

const close = (got: number, expected: number): void =>
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected)));

describe('RMSE in units of the mean', () => {
  test('is that of all numbers one after the other', () => fc.assert(
    fc.property(twoRuns, ({ x, r }) => {
      const [xs, rs] = [x.flat(), r.flat()];
      const squares = xs.map((v, i) => (v - rs[i]) ** 2);
      const { rmse, mean } = normalisedRmse(x, r);
      close(rmse ** 2, squares.reduce((a, b) => a + b, 0) / squares.length);
      close(mean, rs.reduce((a, b) => a + b, 0) / rs.length);
    }), runs(200),
  ));

  test('is 0 for equal runs, even where their mean is 0', () => fc.assert(
    fc.property(twoRuns, ({ r }) => {
      expect(normalisedRmse(r, r)).toMatchObject({ rmse: 0, normalised: 0 });
      const both = [...r, ...r.map((part) => part.map((v) => -v))];
      expect(normalisedRmse(both, both)).toMatchObject({ mean: 0, normalised: 0 });
    }), runs(100),
  ));

  test('the scale of numbers, their order and their division into tensors count for nothing', () => fc.assert(
    fc.property(twoRuns, fc.integer({ min: -6, max: 6 }).filter((v) => v !== 0), ({ x, r }, by) => {
      fc.pre(r.flat().reduce((a, b) => a + b, 0) !== 0);
      const { normalised } = normalisedRmse(x, r);
      const scaled = (run: readonly (readonly number[])[]): number[][] => run.map((part) => part.map((v) => by * v));
      close(normalisedRmse(scaled(x), scaled(r)).normalised, normalised);
      close(normalisedRmse([x.flat().reverse()], [r.flat().reverse()]).normalised, normalised);
    }), runs(200),
  ));

  test('is infinite where only the mean is 0', () => {
    expect(normalisedRmse([[1, 2]], [[1, -1]]).normalised).toBe(Infinity);
  });
});
