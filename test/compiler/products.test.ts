import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Target } from '../../compiler/target.ts';
import { factorsFor, narrow } from '../../compiler/passes/narrow.ts';
import {
  add, axis, dot, exp, gather, input, layerNorm, mul, parameter, softmax, sum, tensorOf, WEIGHT_STORAGES, type AnyTensor,
  type Axis, type WeightStorage,
} from '../../dsl/index.ts';
import type { Device } from '../../runtime/device.ts';
import { schedulesFor, targetBy } from '../deep/schedule.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { narrowed } from '../support/narrow.ts';
import { runs } from '../support/runs.ts';

/** Sizes around multiples of four, of blocks and of what lanes share; rows are known when a program runs. */
const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 9 }), most: fc.integer({ min: 9, max: 12 }),
  from: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(64, 67, 136)), to: fc.integer({ min: 1, max: 13 }),
});

const waves = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.fround(Math.sin(seed + 1.7 * i)));

type Sizes = typeof sizes extends fc.Arbitrary<infer S> ? S : never;

const firstOf = (x: AnyTensor, row: Axis): AnyTensor => gather(tensorOf(x.node), row, 0);

const normalised = (x: AnyTensor, over: Axis): AnyTensor =>
  layerNorm(tensorOf(x.node), over, parameter('gain', [over]), parameter('bias', [over]), 0.1);

type Made = (x: AnyTensor, a: AnyTensor, b: AnyTensor, from: Axis, row: Axis) => AnyTensor;

/** What is made of rows `x` and the weights `a` and `b`, both [to, from]. */
const MADE: Readonly<Record<string, Made>> = {
  'a product': (x, a, _b, from) => dot(x, a, from),
  'a product with what is computed first': (x, a, _b, from) => dot(softmax(tensorOf(x.node), from), a, from),
  'two products': (x, a, b, from) => mul(exp(dot(x, a, from)), dot(x, b, from)),
  'one row': (x, a, _b, from, row) => dot(firstOf(x, row), a, from),
  'a normalised row twice, and the row itself': (x, a, b, from, row) => {
    const own = normalised(firstOf(x, row), from);
    return mul(mul(dot(own, a, from), dot(own, b, from)), add(sum(tensorOf(own.node), from), 1));
  },
  'one row twice': (x, a, b, from, row) => mul(exp(dot(firstOf(x, row), a, from)), dot(firstOf(x, row), b, from)),
};

interface Case {
  readonly device: Device;
  readonly target: Target;
  readonly storage: WeightStorage;
}

async function difference(
  made: Made, s: Sizes, { device, target, storage }: Case, numbers = waves,
): Promise<string | undefined> {
  const row = axis('row', { symbol: 'rows', max: s.most });
  const [from, to] = [axis('from', s.from), axis('to', s.to)];
  const { node } = made(input('x', [row, from]), parameter('a', [to, from]), parameter('b', [to, from]), from, row);
  const weight = (seed: number) => ({ names: ['to', 'from'], sizes: [s.to, s.from], data: numbers(s.to * s.from, seed) });
  const along = (seed: number) => ({ names: ['from'], sizes: [s.from], data: numbers(s.from, seed) });
  const env = {
    inputs: { x: { names: ['row', 'from'], sizes: [s.rows, s.from], data: numbers(s.rows * s.from, 3) } },
    parameters: { a: weight(1), b: weight(2), gain: along(4), bias: along(5) }, sizes: { rows: s.rows },
  };
  const storageOf = (name: string): WeightStorage | undefined => (['a', 'b'].includes(name) ? storage : undefined);
  const { out } = await runGraph(device, { out: node }, env, target, storageOf);
  const [kept] = narrow([node], storageOf, factorsFor(target.profile));
  const [expected] = interpretWithBounds([kept], narrowed(env, storageOf));
  return firstOutside('out', out, expected);
}

/** Lengths around those that a lane's 32 bits hold the largest products of, for one chain and for several. */
const lengths = fc.tuple(fc.constantFrom(0, 2048, 4096, 8192, 16384), fc.integer({ min: 1, max: 70 }))
  .map(([most, more]) => most + more);

/** Pipelines of a GPU take longer to make than modules of the CPU. */
const usualRuns: Readonly<Record<Device['kind'], number>> = { cpu: 100, webgpu: 20 };

onEveryDevice((device, kind) => {
  const schedules = schedulesFor(kind);

  describe('products are what the interpreter makes of them, however they are blocked and weights are kept', () => {
    test.each(Object.entries(MADE))('%s', (_, made) => fc.assert(
      fc.asyncProperty(sizes, schedules, fc.constantFrom(...WEIGHT_STORAGES), async (s, schedule, storage) => {
        const target = targetBy(schedule, device());
        expect(await difference(made, s, { device: device(), target, storage })).toBeUndefined();
      }),
      runs(usualRuns[kind]),
    ));
  });

  test('sums of integers hold whatever integers there are, however long the range', () => fc.assert(
    fc.asyncProperty(lengths, fc.integer({ min: 1, max: 5 }), schedules, async (from, rows, schedule) => {
      const largest = (count: number): Float64Array => new Float64Array(count).fill(1);
      const s: Sizes = { rows, most: 5, from, to: 5 };
      const target = targetBy(schedule, device());
      for (const made of [MADE['a product'], MADE['one row']]) {
        expect(await difference(made, s, { device: device(), target, storage: 'int8' }, largest)).toBeUndefined();
      }
    }),
    runs(usualRuns[kind] / 2),
  ));
});
