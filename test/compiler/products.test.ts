import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CPU_TARGET, type Target } from '../../compiler/compile.ts';
import { narrow } from '../../compiler/passes/narrow.ts';
import {
  axis, dot, exp, gather, input, mul, parameter, softmax, tensorOf, type AnyTensor, type Axis, type WeightStorage,
} from '../../dsl/index.ts';
import type { Device } from '../../runtime/device.ts';
import { setUpEngine } from '../../scripts/engine.mjs';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { openTestCpu, runGraph } from '../support/device.ts';
import { narrowed } from '../support/narrow.ts';
import { runs } from '../support/runs.ts';

let cpu: Device;

beforeAll(async () => {
  setUpEngine();
  cpu = await openTestCpu();
});
afterAll(() => cpu.close());

/** Sizes around multiples of four and of blocks, of which rows are known when a program runs. */
const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 9 }), most: fc.integer({ min: 9, max: 12 }),
  from: fc.integer({ min: 1, max: 40 }), to: fc.integer({ min: 1, max: 13 }),
});

/** Blocks, panels and chains of all kinds, most of which small products would not have. */
const targets = fc.record({
  totals: fc.constantFrom(8, 4, 16), rows: fc.constantFrom(4, 1, 2), streams: fc.constantFrom(4, 1, 8, 3),
  inTurn: fc.constantFrom(3072, 0), chains: fc.constantFrom(4, 1, 2),
  chunk: fc.constantFrom(128, 2, 5), panelFrom: fc.constantFrom(1, 2, 16), fused: fc.boolean(),
}).map(({ fused, ...vectors }): Target => ({ ...CPU_TARGET, profile: { ...CPU_TARGET.profile, fused, vectors } }));

const waves = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.fround(Math.sin(seed + 1.7 * i)));

type Sizes = typeof sizes extends fc.Arbitrary<infer S> ? S : never;

const firstOf = (x: AnyTensor, row: Axis): AnyTensor => gather(tensorOf(x.node), row, 0);

type Made = (x: AnyTensor, a: AnyTensor, b: AnyTensor, from: Axis, row: Axis) => AnyTensor;

/** What is made of rows `x` and the weights `a` and `b`, both [to, from]. */
const MADE: Readonly<Record<string, Made>> = {
  'a product': (x, a, _b, from) => dot(x, a, from),
  'a product with what is computed first': (x, a, _b, from) => dot(softmax(tensorOf(x.node), from), a, from),
  'two products': (x, a, b, from) => mul(exp(dot(x, a, from)), dot(x, b, from)),
  'one row': (x, a, _b, from, row) => dot(firstOf(x, row), a, from),
  'one row twice': (x, a, b, from, row) => mul(exp(dot(firstOf(x, row), a, from)), dot(firstOf(x, row), b, from)),
};

async function difference(
  made: Made, s: Sizes, target: Target, storage: WeightStorage, numbers = waves,
): Promise<string | undefined> {
  const row = axis('row', { symbol: 'rows', max: s.most });
  const [from, to] = [axis('from', s.from), axis('to', s.to)];
  const { node } = made(input('x', [row, from]), parameter('a', [to, from]), parameter('b', [to, from]), from, row);
  const weight = (seed: number) => ({ names: ['to', 'from'], sizes: [s.to, s.from], data: numbers(s.to * s.from, seed) });
  const env = {
    inputs: { x: { names: ['row', 'from'], sizes: [s.rows, s.from], data: numbers(s.rows * s.from, 3) } },
    parameters: { a: weight(1), b: weight(2) }, sizes: { rows: s.rows },
  };
  const storageOf = (name: string): WeightStorage | undefined => (['a', 'b'].includes(name) ? storage : undefined);
  const { out } = await runGraph(cpu, { out: node }, env, target, storageOf);
  const [expected] = interpretWithBounds(narrow([node], storageOf), narrowed(env, storageOf));
  return firstOutside('out', out, expected);
}

describe('products are what the interpreter makes of them, however they are blocked and weights are kept', () => {
  test.each(Object.entries(MADE))('%s', (_, made) => fc.assert(
    fc.asyncProperty(sizes, targets, fc.constantFrom('f32', 'bf16', 'int8'), async (s, target, storage) => {
      expect(await difference(made, s, target, storage)).toBeUndefined();
    }),
    runs(100),
  ));
});

/** Lengths around those that a lane's 32 bits hold the largest products of, for one chain and for several. */
const lengths = fc.tuple(fc.constantFrom(0, 2048, 4096, 8192, 16384), fc.integer({ min: 1, max: 70 }))
  .map(([most, more]) => most + more);

test('sums of integers hold whatever integers there are, however long the range', () => fc.assert(
  fc.asyncProperty(lengths, fc.integer({ min: 1, max: 5 }), targets, async (from, rows, target) => {
    const largest = (count: number): Float64Array => new Float64Array(count).fill(1);
    const s: Sizes = { rows, most: 5, from, to: 5 };
    for (const made of [MADE['a product'], MADE['one row']]) {
      expect(await difference(made, s, target, 'int8', largest)).toBeUndefined();
    }
  }),
  runs(60),
));
