import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { draft } from '../../compiler/draft.ts';
import { BASE_TARGET, type Target } from '../../compiler/target.ts';
import { HARDWARE_PROFILE, type SlabHabits } from '../../compiler/loop/schedule.ts';
import { SHARED_BYTES, sharedBytes } from '../../compiler/loop/shared-memory.ts';
import { factorsFor, narrow, type StorageOf } from '../../compiler/passes/narrow.ts';
import {
  add, axis, dot, input, mul, parameter, silu, map, sub, tensorOf, WEIGHT_STORAGES, type AnyTensor, type Axis,
} from '../../dsl/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import type { Device } from '../../runtime/device.ts';
import type { GivenGraph } from '../../verify/arbitraries/graphs/given.ts';
import { environmentFor } from '../../verify/arbitraries/graphs/values.ts';
import { slabBlocks } from '../deep/schedule.ts';
import { firstApart, firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { DOUBLE_U } from '../support/bound/number.ts';
import { openTestDevice, runGraph } from '../support/device.ts';
import { runLoops } from '../support/loops.ts';
import { narrowed } from '../support/narrow.ts';
import { runs } from '../support/runs.ts';

/* Products by slabs: a workgroup's block of results, whatever the order and storage of its operands. */

/** Mostly more than a block has. */
const entries = fc.oneof(
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 8 }) }, { weight: 3, arbitrary: fc.integer({ min: 9, max: 40 }) },
);

const shapes = fc.record({
  heads: fc.constantFrom(undefined, 1, 3), rows: entries, columns: entries,
  range: fc.oneof(entries, fc.constantFrom(4, 8, 16, 36)), isOpen: fc.boolean(),
  /** Which of the operands lie along the range. */
  along: fc.record({ rows: fc.boolean(), columns: fc.boolean() }),
  isWeightFirst: fc.boolean(), isFused: fc.boolean(), isTwice: fc.boolean(), seed: fc.nat(1000),
});

type Shape = typeof shapes extends fc.Arbitrary<infer S> ? S : never;

/** A product, or two that share their rows, of what may be computed first, and with what may come after it. */
function productOf(s: Shape): GivenGraph {
  const head = s.heads === undefined ? [] : [axis('head', s.heads)];
  const row = axis('row', s.isOpen ? { symbol: 'rows', max: s.rows + 3 } : s.rows);
  const column = axis('column', s.columns);
  const range = axis('range', s.isOpen ? { symbol: 'range', max: s.range + 3 } : s.range);
  const axes = (own: Axis, along: boolean): readonly Axis[] => [...head, ...(along ? [own, range] : [range, own])];
  const x = input('x', axes(row, s.along.rows));
  const rows: AnyTensor = s.isFused ? add(mul(x, x), 0.5) : x;
  const times = (name: string): AnyTensor => {
    const fixed = axis('range', s.range + (s.isOpen ? 3 : 0));
    const own = s.isOpen ? input(name, axes(column, s.along.columns))
      : parameter(name, axes(column, s.along.columns).map((a) => (a.name === 'range' ? fixed : a)));
    return s.isWeightFirst ? dot(own, rows, range) : dot(rows, own, range);
  };
  const one = times('w');
  const both = s.isTwice ? mul(map(silu, tensorOf(one.node)), times('u')) : one;
  const outputs = [(s.isFused ? sub(both, input('bias', [column])) : both).node];
  return { outputs, env: environmentFor(outputs, s.seed, s.isOpen ? { rows: s.rows, range: s.range } : {}) };
}

const withSlabs = (target: Target, slabs: SlabHabits): Target =>
  ({ ...target, profile: { ...target.profile, tile: 1, slabs } });

const usesSlabs = (c: GivenGraph, target: Target): boolean =>
  draft({ name: 'test', outputs: { out: c.outputs[0] } }, target).kernels
    .some((k) => k.nests.some((n) => n.locals.some((l) => l.name === 'local:rows')));

describe('a product by slabs', () => {
  test('is what the interpreter makes of it, as loops in doubles', () => {
    let [bySlabs, all] = [0, 0];
    fc.assert(fc.property(shapes.map(productOf), slabBlocks, (c, slabs) => {
      const target = withSlabs(BASE_TARGET, slabs);
      all += 1;
      if (usesSlabs(c, target)) bySlabs += 1;
      const { out } = runLoops(draft({ name: 'test', outputs: { out: c.outputs[0] } }, target), c.env);
      const [expected] = interpretWithBounds(c.outputs, c.env, DOUBLE_U);
      // Both are computed in doubles, and each may err.
      expect(firstApart('out', out, expected.value, expected)).toBeUndefined();
    }), runs(60));
    expect(bySlabs).toBeGreaterThan(all / 8);
  });
});

describe('on a GPU', () => {
  let device: Device | undefined;
  beforeAll(async () => { device = await openTestDevice(); });
  afterAll(() => device?.close());

  const storages = fc.tuple(fc.constantFrom(...WEIGHT_STORAGES), fc.constantFrom(...WEIGHT_STORAGES));

  test('a product by slabs is what the interpreter makes of it, however weights are kept', () => fc.assert(
    fc.asyncProperty(shapes.map(productOf), slabBlocks, storages, async (c, slabs, [w, u]) => {
      const gpu = device ?? expect.unreachable('a device is used before the tests run');
      const target = withSlabs(targetOf(gpu), slabs);
      const storage: StorageOf = (name) => (name === 'w' ? w : u);
      const [kept] = narrow(c.outputs, storage, factorsFor(target.profile));
      const { out } = await runGraph(gpu, { out: c.outputs[0] }, c.env, target, storage);
      expect(firstOutside('out', out, interpretWithBounds([kept], narrowed(c.env, storage))[0])).toBeUndefined();
    }),
    runs(20),
  ));
});

describe('slabs of a hardware GPU', () => {
  const target: Target = { ...BASE_TARGET, storageBuffers: 16, profile: { ...HARDWARE_PROFILE, subgroup: 32 } };
  const [Row, From] = [axis('row', 512), axis('from', 896)];
  const project = (name: string, size: number): AnyTensor =>
    dot(input('x', [Row, From]), parameter(name, [axis(name, size), From]), From);
  const nestsOf = (...products: readonly AnyTensor[]) => draft({
    name: 'test', outputs: Object.fromEntries(products.map((p, i) => [`out${i}`, p.node])),
  }, target).kernels.map((k) => k.nests);

  test('are for products that have many blocks', () => {
    const lanesOf = (size: number): number => nestsOf(project('w', size))[0][0].lanes;
    expect([lanesOf(896), lanesOf(64)]).toEqual([256, 32]);
  });

  test('are shared by products side by side, within the memory that every GPU has', () => {
    const [nests] = nestsOf(project('q', 896), project('k', 896), project('v', 896));
    expect(nests).toHaveLength(3);
    expect(sharedBytes(nests)).toBeLessThanOrEqual(SHARED_BYTES);
  });
});
