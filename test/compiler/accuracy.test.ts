import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node } from '../../dsl/node.ts';
import { makeInput } from '../../dsl/nodes/leaves.ts';
import { applyOp, type BinaryOp, type UnaryOp } from '../../dsl/scalar/expr.ts';
import type { Device } from '../../runtime/device.ts';
import { binaryBound, unaryBound } from '../support/bound/scalar.ts';
import { exact, U, type Bounded } from '../support/bound/number.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { mapExpr, NOWHERE } from '../../verify/arbitraries/graphs/ops.ts';
import { runs } from '../support/runs.ts';

const COUNT = 512;
const inputs = ['x', 'y'].map((name) => makeInput(name, [{ name: 'n', size: COUNT }], 'f32', NOWHERE));

const unary = (op: UnaryOp): Node =>
  mapExpr({ arity: 1, ops: [{ op: 'arg', index: 0 }, { op, a: 0 }], result: 1 }, [inputs[0]]);

const binary = (op: BinaryOp): Node =>
  mapExpr({ arity: 2, ops: [{ op: 'arg', index: 0 }, { op: 'arg', index: 1 }, { op, a: 0, b: 1 }], result: 2 }, inputs);

type Pair = readonly [number, number];

/** What a device makes of a scalar function at every pair of numbers. */
async function evaluate(device: Device, node: Node, pairs: readonly Pair[]): Promise<Float64Array> {
  const dense = (k: 0 | 1) => ({ names: ['n'], sizes: [COUNT], data: Float64Array.from(pairs, (p) => p[k]) });
  const result = await runGraph(device, { out: node }, { inputs: { x: dense(0), y: dense(1) } });
  return result['out'].data;
}

const manyPairs = (x: fc.Arbitrary<number>, y: fc.Arbitrary<number>): fc.Arbitrary<readonly Pair[]> =>
  // What misses is named with its arguments, so there is nothing to shrink.
  fc.noShrink(fc.array(fc.tuple(x.map(Math.fround), y.map(Math.fround)), { minLength: COUNT, maxLength: COUNT }));

const within = (low: number, high: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.double({ min: low, max: high, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(low, high) },
  );

/** Numbers spread over orders of magnitude. */
const scaled = (low: number, high: number): fc.Arbitrary<number> =>
  fc.oneof(
    within(Math.log(low), Math.log(high)).map(Math.exp), fc.constantFrom(1, 2, 4, 0.5, 1 - U, 1 + 2 * U, low, high),
  );

const signed = (x: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.tuple(x, fc.boolean()).map(([v, n]) => (n ? -v : v));

type Bound = (x: Bounded, y: Bounded) => Bounded;

async function expectWithin(device: Device, node: Node, pairs: readonly Pair[], bound: Bound): Promise<void> {
  const got = await evaluate(device, node, pairs);
  const worst = pairs.map(([x, y], i) => {
    const b = bound(exact(x), exact(y));
    return { x, y, got: got[i], expected: b.value, allowed: b.error };
  }).filter((c) => c.allowed !== Infinity && !(Math.abs(c.got - c.expected) <= c.allowed));
  expect(worst.slice(0, 3)).toEqual([]);
}

const UNARY: readonly (readonly [UnaryOp, fc.Arbitrary<number>])[] = [
  ['exp', within(-87, 88)], ['log', scaled(1e-30, 1e30)], ['sqrt', scaled(1e-30, 1e30)], ['tanh', within(-60, 60)],
  ['sin', within(-Math.PI, Math.PI)], ['cos', within(-Math.PI, Math.PI)], ['neg', signed(scaled(1e-30, 1e30))],
  ['abs', signed(scaled(1e-30, 1e30))], ['floor', within(-1e6, 1e6)], ['ceil', within(-1e6, 1e6)],
  ['round', fc.oneof(within(-1e6, 1e6), fc.integer({ min: -99, max: 99 }).map((n) => n / 2))], ['sign', within(-2, 2)],
  ['toF16', signed(scaled(1e-9, 6e4))],
];

onEveryDevice((device) => {
  describe('one scalar operation is as exact as WGSL demands', () => {
    test.each(UNARY)('%s', (op, x) => fc.assert(
      fc.asyncProperty(manyPairs(x, fc.constant(0)), (pairs) =>
        expectWithin(device(), unary(op), pairs, (a) => unaryBound(op, a, U))),
      runs(5),
    ));

    test.each<BinaryOp>(['add', 'sub', 'mul', 'div', 'min', 'max', 'mod'])('%s', (op) => fc.assert(
      fc.asyncProperty(manyPairs(signed(scaled(1e-6, 1e6)), signed(scaled(1e-6, 1e6))), (pairs) =>
        expectWithin(device(), binary(op), pairs, (a, b) => binaryBound(op, a, b, U))),
      runs(5),
    ));
  });

  describe('power', () => {
    const powers = binary('pow');

    test('keeps 4 units in the last place for bases from 1e-9 to 1e4 and exponents from -2 to 2', () => fc.assert(
      fc.asyncProperty(manyPairs(scaled(1e-9, 1e4), within(-2, 2)), async (pairs) => {
        const got = await evaluate(device(), powers, pairs);
        const ulps = (i: number): number => Math.abs(got[i] / Math.pow(...pairs[i]) - 1) / (2 * U);
        const misses = pairs.map(([x, y], i) => ({ x, y, got: got[i], ulps: ulps(i) }));
        expect(misses.filter((m) => !(m.ulps <= 4)).slice(0, 3)).toEqual([]);
      }), runs(20),
    ));

    test('is that of IEEE 754 where the base is zero or negative, or the exponent is zero', async () => {
      const cases: readonly Pair[] = [
        [0, 0], [-3, 0], [5, 0], [0, 2], [0, 0.5], [-2, 2], [-2, 3], [-2, -3],
        [-0.5, -1], [-1, 5], [1, 17.5], [2, 10], [10, -3],
      ];
      const padded = Array.from({ length: COUNT }, (_, i) => cases[i % cases.length]);
      const got = await evaluate(device(), powers, padded);
      cases.forEach(([x, y], i) => {
        const expected = applyOp('pow', x, y);
        expect(Math.abs(got[i] - expected), `${x}^${y} is ${got[i]}`).toBeLessThanOrEqual(8 * U * Math.abs(expected));
      });
    });

    test('overflows and underflows where the power does', async () => {
      const cases: readonly Pair[] = [[1e30, 2], [1e-30, 2], [1e-30, -2], [1e4, 100], [1e4, -100], [1.5, 1000]];
      const got = await evaluate(device(), powers, Array.from({ length: COUNT }, (_, i) => cases[i % cases.length]));
      const sizes = cases.map((_, i) => (got[i] >= 3.4e38 ? 'large' : got[i] <= 1.2e-38 ? 'small' : got[i]));
      expect(sizes).toEqual(['large', 'small', 'large', 'large', 'small', 'large']);
    });
  });
});
