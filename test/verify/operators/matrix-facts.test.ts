import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { betweenHeads } from '../../../verify/operators/between-heads.ts';
import { matrixFacts } from '../../../verify/operators/matrix-facts.ts';
import { runs } from '../../support/runs.ts';

const square = fc.integer({ min: 1, max: 6 }).chain((n) => fc.record({
  n: fc.constant(n),
  m: fc.array(fc.integer({ min: -9, max: 9 }), { minLength: n * n, maxLength: n * n }),
}));

const close = (got: number, expected: number, scale = 1): void =>
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(1e-9 * Math.max(scale, Math.abs(expected)));

/** The determinant by its definition: along the first row. */
function laplace(m: readonly number[], n: number): number {
  if (n === 1) return m[0];
  return Array.from({ length: n }, (_, c) => {
    const minor = m.filter((_v, i) => i >= n && i % n !== c);
    return (c % 2 === 0 ? 1 : -1) * m[c] * laplace(minor, n - 1);
  }).reduce((a, b) => a + b, 0);
}

describe('what is known of a matrix', () => {
  test('the determinant, as a sign and a logarithm', () => fc.assert(
    fc.property(square, ({ n, m }) => {
      const det = laplace(m, n);
      const { detSign, log10Det } = matrixFacts(m, n);
      if (det === 0) expect(detSign * 10 ** log10Det).toBeCloseTo(0, 6);
      else close(detSign * 10 ** log10Det, det);
    }), runs(200),
  ));

  test('the squares of singular values add up to those of the entries, and none is below the next', () => fc.assert(
    fc.property(square, ({ n, m }) => {
      const { singularValues, frobenius } = matrixFacts(m, n);
      close(Math.hypot(...singularValues), frobenius);
      expect([...singularValues].sort((a, b) => b - a)).toEqual([...singularValues]);
    }), runs(200),
  ));

  test('no eigenvalue is larger than the largest singular value', () => fc.assert(
    fc.property(square, ({ n, m }) => {
      const { spectralRadius, singularValues } = matrixFacts(m, n);
      expect(spectralRadius).toBeLessThanOrEqual(singularValues[0] * (1 + 1e-9) + 1e-9);
    }), runs(200),
  ));

  test('equal rows: rank 1 at most, and no deviation', () => fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 6 }), (row) => {
      const facts = matrixFacts(row.flatMap(() => row), row.length);
      expect(facts.rank).toBe(row.some((v) => v !== 0) ? 1 : 0);
      expect(facts.rowDeviation).toBeLessThanOrEqual(1e-12);
      expect(facts.detSign === 0 || facts.log10Det < -6).toBe(true);
    }), runs(100),
  ));

  test('a symmetric matrix has no asymmetry, a matrix and its transpose have the same', () => fc.assert(
    fc.property(square, ({ n, m }) => {
      fc.pre(m.some((v) => v !== 0));
      const transposed = m.map((_, i) => m[(i % n) * n + Math.floor(i / n)]);
      close(matrixFacts(transposed, n).asymmetry, matrixFacts(m, n).asymmetry);
      const doubled = m.map((v, i) => v + transposed[i]);
      if (doubled.some((v) => v !== 0)) expect(matrixFacts(doubled, n).asymmetry).toBe(0);
    }), runs(100),
  ));

  test('the zero matrix has rank 0 and no negative determinant', () => {
    const facts = matrixFacts(new Float64Array(9), 3);
    expect(facts).toMatchObject({ rank: 0, rankInSingle: 0, detSign: 0, log10Det: -Infinity });
  });
});

const head = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 4, maxLength: 4 });

describe('heads', () => {
  test('the distance of pairs is that of its definition', () => fc.assert(
    fc.property(fc.array(head, { minLength: 2, maxLength: 5 }), (heads) => {
      const pairs = heads.flatMap((a, i) => heads.slice(i + 1).map((b) => [a, b] as const));
      const squares = pairs.flatMap(([a, b]) => a.map((v, i) => (v - b[i]) ** 2));
      close(betweenHeads(heads).pairs, Math.sqrt(squares.reduce((x, y) => x + y, 0) / squares.length));
    }), runs(100),
  ));
});
