import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { axis, input, logTraceExp, logTraceExpWithSlope, RicciError } from '../../dsl/index.ts';
import { runGraph } from '../support/device.ts';
import { everyDevice } from '../support/every-device.ts';
import { runs } from '../support/runs.ts';
import { dense, expectNear, numbersOf } from './support.ts';

interface Square {
  readonly n: number;
  readonly m: readonly number[];
}

const squares = (entry: fc.Arbitrary<number>, least = 1, most = 5): fc.Arbitrary<Square> =>
  fc.integer({ min: least, max: most }).chain((n) =>
    fc.record({ n: fc.constant(n), m: fc.array(entry, { minLength: n * n, maxLength: n * n }) }));

const moderate = fc.integer({ min: -2000, max: 2000 }).map((v) => v / 1000);

/** No zero, sizes from 10^−(2 · decades) up to 10^(2 · decades). */
const graded = (decades: number): fc.Arbitrary<number> =>
  fc.tuple(fc.integer({ min: 1, max: 99 }), fc.integer({ min: -2 * decades, max: 2 * decades }))
    .map(([v, e]) => v / 10 * 10 ** e);

/** What the series is exact to: l and its slope, in double precision. */
const SERIES = 1e-9;

/** By the number of channels: graphs of hundreds of nodes, each built once. */
const GRAPHS = new Map<number, ReturnType<typeof logTraceExpWithSlope>>();

function graphOf(n: number): ReturnType<typeof logTraceExpWithSlope> {
  const [Row, Col] = [axis('row', n), axis('col', n)];
  const graph = GRAPHS.get(n) ?? logTraceExpWithSlope(input('M', [Row, Col]), Row, Col);
  GRAPHS.set(n, graph);
  return graph;
}

function measure({ n, m }: Square): { readonly value: number; readonly slope: readonly number[] } {
  const { value, slope } = graphOf(n);
  const [[l], slopes] = numbersOf([value, slope], { inputs: { M: dense({ row: n, col: n }, m) } });
  return { value: l, slope: [...slopes] };
}

/** ln(Σ e^λ / n) over the eigenvalues λ of M∘M: real sums, since complex ones come in pairs. */
function byEigenvalues({ n, m }: Square): number {
  const { realEigenvalues: re, imaginaryEigenvalues: im } =
    new EigenvalueDecomposition(Matrix.from1DArray(n, n, m.map((x) => x * x)));
  const top = Math.max(...re);
  return top + Math.log(re.reduce((sum, x, i) => sum + Math.exp(x - top) * Math.cos(im[i]), 0) / n);
}

/** The trace's series, whose terms are added from the smallest on. */
function bySeries({ n, m }: Square): number {
  const N = Matrix.from1DArray(n, n, m.map((x) => x * x));
  const traces: number[] = [];
  let power = Matrix.eye(n);
  for (let k = 1; k <= 150; k++) {
    power = power.mmul(N).div(k);
    traces.push(power.trace());
  }
  return Math.log1p(traces.reduceRight((a, b) => a + b, 0) / n);
}

const permuted = ({ n, m }: Square, order: readonly number[]): Square =>
  ({ n, m: m.map((_, i) => m[order[Math.floor(i / n)] * n + order[i % n]]) });

const ordered = (of: fc.Arbitrary<Square>): fc.Arbitrary<readonly [Square, readonly number[]]> => of.chain((s) =>
  fc.tuple(fc.constant(s), fc.shuffledSubarray(Array.from({ length: s.n }, (_, i) => i), { minLength: s.n })));

describe('ln(trace(exp(M∘M)) / d)', () => {
  test('is what its series adds up to, for small entries too', () => fc.assert(
    fc.property(squares(moderate), fc.constantFrom(1, 1e-3, 1e-9), ({ n, m }, by) => {
      const square = { n, m: m.map((x) => x * by) };
      expectNear(measure(square).value, bySeries(square), SERIES, 1e-35);
    }), runs(40),
  ));

  test('is that of the eigenvalues, where the trace is no number any more', () => fc.assert(
    fc.property(squares(graded(1), 2), fc.constantFrom(10, 1e4, 1e8, 1e15), ({ n, m }, by) => {
      const square = { n, m: m.map((x) => x * by) };
      expectNear(measure(square).value, byEigenvalues(square), 1e-6, 1e-6);
    }), runs(40),
  ));

  test('is the same whatever channels are called, and whichever way edges point', () => fc.assert(
    fc.property(ordered(squares(graded(3))), ([square, order]) => {
      const { value } = measure(square);
      const { n, m } = square;
      expectNear(measure(permuted(square, order)).value, value, SERIES);
      expectNear(measure({ n, m: m.map((_, i) => m[(i % n) * n + Math.floor(i / n)]) }).value, value, SERIES);
      expectNear(measure({ n, m: m.map((x) => -x) }).value, value, 0);
    }), runs(40),
  ));

  test('of equal entries x is ln of (d − 1 + exp(d·x²)) / d, up to 10³⁰ in a row and beyond', () => fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.double({ min: 10, max: 1e18, noNaN: true }), (n, x) => {
      expectNear(measure({ n, m: new Array<number>(n * n).fill(x) }).value, n * x * x - Math.log(n), 1e-8);
    }), runs(40),
  ));

  test('is all but proportional to a matrix with large squares', () => fc.assert(
    fc.property(squares(graded(1), 2), ({ n, m }) => {
      const [once, fourfold] = [1e10, 2e10].map((by) => measure({ n, m: m.map((x) => x * by) }).value);
      expectNear(fourfold, 4 * once, 1e-8);
    }), runs(30),
  ));

  test('is 0 for a graph without cycles, and for no edges at all', () => fc.assert(
    fc.property(ordered(squares(graded(2), 1, 8)), ([{ n, m }, order]) => {
      const upper = { n, m: m.map((x, i) => (i % n > Math.floor(i / n) ? x : 0)) };
      const { value, slope } = measure(permuted(upper, order));
      expect(value).toBe(0);
      expect(slope.every(Number.isFinite)).toBe(true);
      expect(measure({ n, m: m.map(() => 0) })).toEqual({ value: 0, slope: m.map(() => 0) });
    }), runs(40),
  ));

  test('a cycle through all 32 channels: w^64 / 32!', () => {
    const n = 32;
    const m = Array.from({ length: n * n }, (_, i) => ((Math.floor(i / n) + 1) % n === i % n ? 1.5 : 0));
    let expected = 1;
    for (let k = 1; k <= n; k++) expected *= 1.5 ** 2 / k;
    expectNear(measure({ n, m }).value, expected, 1e-7);
  });

  test('refuses matrices that are not square', () => {
    const [Row, Col] = [axis('row', 2), axis('col', 3)];
    expect(() => logTraceExp(input('M', [Row, Col]), Row, Col)).toThrow(RicciError);
  });
});

describe('its slope', () => {
  test('is what the value rises by', () => fc.assert(
    fc.property(squares(moderate, 2, 4), fc.nat(15), fc.constantFrom(1, 5), (square, seed, by) => {
      const m = square.m.map((x) => x * by);
      const at = seed % m.length;
      const h = 1e-5;
      const [up, down] = [h, -h].map((d) => bySeriesOrEigenvalues({ n: square.n, m: m.with(at, m[at] + d) }));
      expectNear(measure({ n: square.n, m }).slope[at], (up - down) / (2 * h), 1e-4, 1e-6);
    }), runs(40),
  ));

  test('times M, in all, is at least twice l: l is convex along a line from 0', () => fc.assert(
    fc.property(squares(graded(2), 2), (square) => {
      const { value, slope } = measure(square);
      const along = slope.reduce((sum, g, i) => sum + g * square.m[i], 0);
      expect(along).toBeGreaterThanOrEqual(2 * value * (1 - 1e-8));
    }), runs(40),
  ));
});

/** The series has no end for large entries, and eigenvalues have no digits of small l. */
const bySeriesOrEigenvalues = (square: Square): number =>
  (Math.hypot(...square.m) < 4 ? bySeries(square) : byEigenvalues(square));

describe('on every device', () => {
  const devices = everyDevice();

  test('is right to single precision, for matrices of one batch from 10⁻¹² to 10¹⁵', async () => {
    const n = 4;
    const sizes = [1e-12, 1e-3, 1, 3, 30, 1e4, 1e9, 1e15];
    const base = fc.sample(squares(graded(1), n, n), { numRuns: sizes.length, seed: 5 });
    const data = base.flatMap(({ m }, i) => m.map((x) => Math.fround(x * sizes[i])));
    const [Batch, Row, Col] = [axis('batch', sizes.length), axis('row', n), axis('col', n)];
    const { value, slope } = logTraceExpWithSlope(input('M', [Batch, Row, Col]), Row, Col);
    const env = { inputs: { M: dense({ batch: sizes.length, row: n, col: n }, data) } };
    const [values, slopes] = numbersOf([value, slope], env);
    for (const device of devices()) {
      const got = await runGraph(device, { value: value.node, slope: slope.node }, env);
      values.forEach((x, i) => expectNear(got.value.data[i], x, 3e-6));
      slopes.forEach((x, i) => {
        const own = slopes.subarray(i - i % (n * n), i - i % (n * n) + n * n);
        expectNear(got.slope.data[i], x, 1e-5, 1e-5 * Math.max(...own.map(Math.abs)));
      });
    }
  });
});
