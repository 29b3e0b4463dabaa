import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ParameterNode } from '../../dsl/node.ts';
import { makeParameter } from '../../dsl/nodes/leaves.ts';
import { ALIGNMENT, aligned, planArena, type Lifetime } from '../../compiler/plan/arena.ts';
import { layoutWeights } from '../../compiler/plan/weights.ts';
import { NOWHERE } from '../../verify/arbitraries/graphs/ops.ts';
import { overlap, pairs, type Stretch } from '../support/ranges.ts';

const lifetimes: fc.Arbitrary<readonly Lifetime[]> = fc.array(
  fc.record({ bytes: fc.integer({ min: 4, max: 5000 }), from: fc.nat(20), span: fc.nat(8) }), { maxLength: 30 },
).map((all) => all.map((v, i) => ({ key: `v${i}`, bytes: v.bytes, from: v.from, to: v.from + v.span })));

describe('planArena', () => {
  test('values that live at the same time never share bytes', () => {
    fc.assert(fc.property(lifetimes, (values) => {
      const { offsets } = planArena(values);
      const at = (v: Lifetime): Stretch => ({ offset: offsets.get(v.key) ?? NaN, bytes: v.bytes });
      for (const [a, b] of pairs(values)) {
        if (a.from <= b.to && b.from <= a.to) expect(overlap(at(a), at(b)), `${a.key} and ${b.key}`).toBe(false);
      }
    }));
  });

  test('every value lies in the arena at an offset that can be bound, and the arena is no larger than all', () => {
    fc.assert(fc.property(lifetimes, (values) => {
      const { offsets, bytes } = planArena(values);
      for (const v of values) {
        const offset = offsets.get(v.key) ?? NaN;
        expect(offset % ALIGNMENT).toBe(0);
        expect(offset + v.bytes).toBeLessThanOrEqual(bytes);
      }
      expect(bytes).toBeLessThanOrEqual(values.reduce((n, v) => n + aligned(v.bytes), 0));
    }));
  });

  test('needs no more than the largest sum of values that live at once when they come one after the other', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 4, max: 5000 }), { minLength: 1, maxLength: 20 }), (sizes) => {
      const chain = sizes.map((bytes, i) => ({ key: `v${i}`, bytes, from: 2 * i, to: 2 * i + 1 }));
      expect(planArena(chain).bytes).toBe(aligned(Math.max(...sizes)));
    }));
  });
});

const weight = (i: number, size: number): ParameterNode =>
  makeParameter(`w${i}`, [{ name: 'a', size }], 'f32', NOWHERE);

/** Groups of weights as kernels read them; a weight may occur in several, and more than once in one. */
const weightGroups = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 12, maxLength: 12 }),
  groups: fc.array(fc.array(fc.nat(11), { minLength: 1, maxLength: 4 }), { maxLength: 10 }),
}).map(({ sizes, groups }) => groups.map((g) => g.map((i) => weight(i, sizes[i]))));

const LIMIT = 8192;

describe('layoutWeights', () => {
  test('takes no more than the weights do', () => {
    fc.assert(fc.property(weightGroups, (groups) => {
      const all = new Map(groups.flat().map((w) => [w.name, w.axes.reduce((n, a) => n * Number(a.size), 4)]));
      const most = [...all.values()].reduce((n, bytes) => n + aligned(bytes), 0);
      const { buffers } = layoutWeights(groups, LIMIT);
      expect(buffers.reduce((n, b) => n + b.bytes, 0)).toBe(most);
    }));
  });

  test('gives every weight a place of its own inside its buffer, and no buffer outgrows the limit', () => {
    fc.assert(fc.property(weightGroups, (groups) => {
      const { weights, buffers } = layoutWeights(groups, LIMIT);
      const sizes = new Map(buffers.map((b) => [b.name, b.bytes]));
      for (const p of groups.flat()) {
        const { buffer, offset, bytes } = weights[p.name];
        expect(bytes).toBe(Number(p.axes[0].size) * 4);
        expect(offset % ALIGNMENT).toBe(0);
        expect(offset + bytes).toBeLessThanOrEqual(sizes.get(buffer) ?? 0);
      }
      for (const [a, b] of pairs(Object.values(weights))) {
        if (a.buffer === b.buffer) expect(overlap(a, b)).toBe(false);
      }
      for (const b of buffers) expect(b.bytes).toBeLessThanOrEqual(LIMIT);
    }));
  });

  test('what one kernel is the first to read lies side by side in one buffer', () => {
    fc.assert(fc.property(weightGroups, (groups) => {
      const { weights } = layoutWeights(groups, LIMIT);
      const seen = new Set<string>();
      for (const g of groups) {
        const fresh = [...new Set(g.map((p) => p.name))].filter((name) => !seen.has(name)).map((name) => weights[name]);
        for (const p of g) seen.add(p.name);
        fresh.slice(1).forEach((w, i) => {
          expect(w.buffer).toBe(fresh[i].buffer);
          expect(w.offset).toBe(fresh[i].offset + aligned(fresh[i].bytes));
        });
      }
    }));
  });
});
