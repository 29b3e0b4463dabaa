import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accumulate, axis, clipByGlobalNorm, clipByValue, globalNorm, input, microBatchWeights, type Tensor,
} from '../../dsl/index.ts';
import { runGraph } from '../support/device.ts';
import { everyDevice } from '../support/every-device.ts';
import { runs } from '../support/runs.ts';
import { dense, expectNear, numbersOf, scalarsOf } from './support.ts';

const [Long, Short] = [axis('long', 4), axis('short', 2)];
const a: Tensor<'long'> = input('a', [Long]);
const b: Tensor<'long' | 'short'> = input('b', [Long, Short]);

const numbers = (count: number, size = 100) => fc.array(
  fc.integer({ min: -size * 100, max: size * 100 }).map((x) => x / 100), { minLength: count, maxLength: count },
);

const numbers8 = [1, 2, 3, 4, 5, 6, 7, 8];

const environment = (x: readonly number[], y: readonly number[]) =>
  ({ inputs: { a: dense({ long: 4 }, x), b: dense({ long: 4, short: 2 }, y) } });

const norm = (xs: readonly number[]): number => Math.hypot(...xs);

describe('clipping', () => {
  test('by value: the nearest number within the limit', () => fc.assert(
    fc.property(numbers(4), fc.double({ min: 0, max: 50, noNaN: true }), (x, limit) => {
      const [clipped] = numbersOf([clipByValue(a, limit)], environment(x, numbers8));
      expect([...clipped]).toEqual(x.map((v) => (Math.abs(v) <= limit ? v : Math.sign(v) * limit)));
    }), runs(100),
  ));

  test('by norm: nothing is turned, and nothing is longer than the limit', () => fc.assert(
    fc.property(numbers(4), numbers(8), fc.double({ min: 1e-3, max: 300, noNaN: true }), (x, y, limit) => {
      const { gradients, norm: before } = clipByGlobalNorm([a, b], limit);
      const values = numbersOf([...gradients, before], environment(x, y));
      const clipped = [...values[0], ...values[1]];
      const was = norm([...x, ...y]);
      expectNear(values[2][0], was);
      expect(norm(clipped)).toBeLessThanOrEqual(limit * (1 + 1e-12));
      const by = Math.min(1, limit / (was + 1e-6));
      [...x, ...y].forEach((v, i) => expectNear(clipped[i], v * by, 1e-12));
    }), runs(100),
  ));

  test('by norm: what is short stays the same bit for bit', () => fc.assert(
    fc.property(numbers(4, 1), numbers(8, 1), (x, y) => {
      const [short, long] = numbersOf(clipByGlobalNorm([a, b], 100).gradients, environment(x, y));
      expect([...short, ...long]).toEqual([...x, ...y]);
    }), runs(50),
  ));

  test('the norm of however many tensors', () => fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 20 }), (x) => {
      const tensors = x.map((_, i) => input(`x${i}`, []));
      const inputs = Object.fromEntries(x.map((v, i) => [`x${i}`, dense({}, [v])]));
      expectNear(scalarsOf([globalNorm(tensors)], { inputs })[0], norm(x));
    }), runs(50),
  ));

  test('the norm of no tensor is 0', () => expect(scalarsOf([globalNorm([])], {})).toEqual([0]));
});

describe('a batch read in parts', () => {
  test('has the gradient of the whole, however many targets count in each part', () => fc.assert(
    fc.property(fc.array(fc.record({ count: fc.nat(20), mean: fc.integer({ min: -9, max: 9 }) }), {
      minLength: 1, maxLength: 5,
    }), (parts) => {
      const weights = microBatchWeights(parts.map((p) => p.count));
      const One = axis('one', 1);
      const step = accumulate(input('total', [One]), input('gradient', [One]), input('weight', []));
      const total = parts.reduce((sum, { mean }, i) => scalarsOf([step], { inputs: {
        total: dense({ one: 1 }, [sum]), gradient: dense({ one: 1 }, [mean]), weight: dense({}, [weights[i]]),
      } })[0], 0);
      const all = parts.reduce((n, p) => n + p.count, 0);
      const expected = all === 0 ? 0 : parts.reduce((sum, { count, mean }) => sum + count * mean, 0) / all;
      expectNear(total, expected, 1e-12, 1e-12);
    }), runs(60),
  ));
});

describe('on every device', () => {
  const devices = everyDevice();

  test('clipping is what the interpreter says', async () => {
    const { gradients: [c, d], norm: before } = clipByGlobalNorm([a, b], 2);
    const all = [clipByValue(a, 1.5), c, d, before];
    const env = environment([1, -2, 3, 0.5], numbers8);
    const expected = numbersOf(all, env);
    for (const device of devices()) {
      const got = await runGraph(device, Object.fromEntries(all.map((x, i) => [`x${i}`, x.node])), env);
      expected.forEach((xs, i) => xs.forEach((x, at) => expectNear(got[`x${i}`].data[at], x, 1e-5)));
    }
  });
});
