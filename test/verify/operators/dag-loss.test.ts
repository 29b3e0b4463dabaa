import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dagLoss } from '../../../verify/operators/dag-loss.ts';
import { runs } from '../../support/runs.ts';

interface Square {
  readonly n: number;
  readonly m: readonly number[];
}

const squares = (entry: fc.Arbitrary<number>, most = 6): fc.Arbitrary<Square> =>
  fc.integer({ min: 1, max: most }).chain((n) => fc.record({
    n: fc.constant(n), m: fc.array(entry, { minLength: n * n, maxLength: n * n }),
  }));

const moderate = fc.integer({ min: -2000, max: 2000 }).map((v) => v / 1000);

/** Entries of very different sizes, zeros among them; products of their squares along a cycle are normal numbers. */
const graded = fc.oneof(
  fc.constant(0),
  fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -20, max: 20 })).map(([v, e]) => v * 10 ** e),
);

/** A matrix, and its channels in another order. */
const ordered = (of: fc.Arbitrary<Square>): fc.Arbitrary<readonly [Square, readonly number[]]> => of.chain((square) => {
  const channels = Array.from({ length: square.n }, (_, i) => i);
  return fc.tuple(fc.constant(square), fc.shuffledSubarray(channels, { minLength: square.n }));
});

const permuted = ({ n, m }: Square, order: readonly number[]): readonly number[] =>
  m.map((_, i) => m[order[Math.floor(i / n)] * n + order[i % n]]);

const transposed = ({ n, m }: Square): readonly number[] => m.map((_, i) => m[(i % n) * n + Math.floor(i / n)]);

function expectClose(got: number, expected: number, relative = 1e-12): void {
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
}

/** ln(trace(exp N) / n) from the series itself, whose terms are added from the smallest on. */
function bySeries({ n, m }: Square): number {
  const N = m.map((v) => v * v);
  let power: readonly number[] = N.map((_, i) => (i % n === Math.floor(i / n) ? 1 : 0));
  const traces: number[] = [];
  for (let k = 1; k <= 120; k++) {
    power = power.map((_, i) =>
      Array.from({ length: n }, (_x, j) => power[Math.floor(i / n) * n + j] * N[j * n + (i % n)])
        .reduce((a, b) => a + b, 0) / k);
    traces.push(power.filter((_, i) => i % (n + 1) === 0).reduce((a, b) => a + b, 0));
  }
  return Math.log1p(traces.reduceRight((a, b) => a + b, 0) / n);
}

describe('ln(trace(exp(M∘M)) / d)', () => {
  test('is what its series adds up to', () => fc.assert(
    fc.property(squares(moderate, 5), (square) => expectClose(dagLoss(square.m, square.n), bySeries(square))),
    runs(300),
  ));

  test('of a diagonal matrix is ln of the mean of exp', () => fc.assert(
    fc.property(fc.array(moderate.map((v) => 10 * v), { minLength: 1, maxLength: 8 }), (diagonal) => {
      const n = diagonal.length;
      const m = Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? diagonal[i / (n + 1)] : 0));
      expectClose(dagLoss(m, n), Math.log1p(diagonal.reduce((sum, v) => sum + Math.expm1(v * v), 0) / n));
    }), runs(200),
  ));

  test('is the same whatever channels are called, and whichever way edges point', () => fc.assert(
    fc.property(ordered(squares(graded)), ([square, order]) => {
      const { n, m } = square;
      expectClose(dagLoss(permuted(square, order), n), dagLoss(m, n));
      expectClose(dagLoss(transposed(square), n), dagLoss(m, n));
    }), runs(300),
  ));

  test('signs count for nothing, and no entry grows without it', () => fc.assert(
    fc.property(squares(graded), fc.nat(), fc.double({ min: 1, max: 1e6, noNaN: true }), ({ n, m }, at, by) => {
      const loss = dagLoss(m, n);
      expect(loss).toBeGreaterThanOrEqual(0);
      expect(dagLoss(m.map((v) => -v), n)).toBe(loss);
      const larger = dagLoss(m.with(at % m.length, m[at % m.length] * by), n);
      expect(larger).toBeGreaterThanOrEqual(loss * (1 - 1e-12));
    }), runs(300),
  ));

  test('is 0 for a graph without cycles, whatever its weights and the order of its channels are', () => fc.assert(
    fc.property(ordered(squares(graded, 8)), ([{ n, m }, order]) => {
      const upper = m.map((v, i) => (i % n > Math.floor(i / n) ? v : 0));
      expect(dagLoss(permuted({ n, m: upper }, order), n)).toBe(0);
    }), runs(200),
  ));

  test('of parts that no cycle joins is that of their traces together', () => fc.assert(
    fc.property(squares(moderate, 4), squares(moderate, 4), graded, (a, b, between) => {
      const n = a.n + b.n;
      const m = Array.from({ length: n * n }, (_, i) => {
        const [r, c] = [Math.floor(i / n), i % n];
        if (r < a.n && c < a.n) return a.m[r * a.n + c];
        return r < a.n ? between : c < a.n ? 0 : b.m[(r - a.n) * b.n + c - a.n];
      });
      const excess = (s: Square): number => s.n * Math.expm1(dagLoss(s.m, s.n));
      expectClose(dagLoss(m, n), Math.log1p((excess(a) + excess(b)) / n));
    }), runs(200),
  ));
});

describe('numbers that the trace itself could not be', () => {
  test('equal entries x: ln of (d − 1 + exp(d x²)) / d, without overflow', () => fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.double({ min: 10, max: 1e30, noNaN: true }), (n, x) => {
      const m = Array.from({ length: n * n }, () => x);
      expectClose(dagLoss(m, n), n * x * x - Math.log(n));
    }), runs(100),
  ));

  test('hardly above d: every digit of mean x²', () => fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.double({ min: 1e-60, max: 1e-9, noNaN: true }), (n, x) => {
      const m = Array.from({ length: n * n }, () => x);
      expectClose(dagLoss(m, n), x * x);
    }), runs(100),
  ));

  test('a cycle through all 64 channels: w^128 / 64!', () => {
    const n = 64;
    const cycle = Array.from({ length: n * n }, (_, i) => ((Math.floor(i / n) + 1) % n === i % n ? 1.5 : 0));
    let expected = 1;
    for (let k = 1; k <= n; k++) expected *= 1.5 ** 2 / k;
    expectClose(dagLoss(cycle, n), expected, 1e-10);
  });

  test('a cycle of a huge and a tiny entry: ln cosh of their product', () => {
    expectClose(dagLoss([0, 1e35, 1e-35, 0], 2), Math.log(Math.cosh(1)));
  });

  test('what is not finite has no loss', () => {
    expect(dagLoss([NaN, 0, 0, 1], 2)).toBeNaN();
    expect(dagLoss([0, 1e200, 0, 1], 2)).toBeNaN();
  });
});
