import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { interpret, type Environment } from '../../compiler/interpret/interpret.ts';
import { factorsFor, narrow } from '../../compiler/passes/narrow.ts';
import { splitWeights, weightRows } from '../../compiler/passes/split.ts';
import { topological } from '../../dsl/graph.ts';
import {
  add, axis, dot, gather, input, parameter, WEIGHT_STORAGES, type Node, type WeightStorage,
} from '../../dsl/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { narrowed } from '../support/narrow.ts';

const Vocab = axis('vocab', 70);
const Embed = axis('embed', 12);
const Pos = axis('pos', 5);

/** An embedding and a head over two wide tables, as a language model has them. */
function wideTables(embed = Embed): Readonly<Record<string, Node>> {
  const x = gather(parameter('table', [Vocab, embed]), Vocab, input('ids', [Pos], 'i32'));
  const logits = add(dot(x, parameter('head', [Vocab, embed]), embed), parameter('bias', [Vocab]));
  return { x: x.node, logits: logits.node };
}

const numbers = (n: number, seed: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => Math.fround(Math.sin(seed + i * 1.7)));

const environmentOf = (embed: number): Environment => ({
  inputs: { ids: { names: ['pos'], sizes: [5], data: Float64Array.of(0, 69, 33, 34, 7) } },
  parameters: {
    table: { names: ['vocab', 'embed'], sizes: [70, embed], data: numbers(70 * embed, 1) },
    head: { names: ['vocab', 'embed'], sizes: [70, embed], data: numbers(70 * embed, 2) },
    bias: { names: ['vocab'], sizes: [70], data: numbers(70, 3) },
  },
});

/** In an embedding so wide, tables of one byte an entry are larger than what the logits take. */
const WIDE = 90;
const isWide = (weight: string): boolean => weight === 'table' || weight === 'head';

describe('weights larger than one binding', () => {
  test('law: no part is larger than the limit, and the parts are all rows in order', () => {
    fc.assert(fc.property(fc.integer({ min: 48, max: 4000 }), (limit) => {
      const roots = splitWeights(Object.values(wideTables()), limit);
      const parts = new Map<string, number>();
      for (const node of topological(roots)) {
        if (node.kind !== 'parameter') continue;
        const { name, rows } = weightRows(node.name);
        const count = Number(node.axes[0].size);
        expect(count * (name === 'bias' ? 4 : 48)).toBeLessThanOrEqual(limit);
        expect(rows?.start ?? 0).toBe(parts.get(name) ?? 0);
        parts.set(name, (parts.get(name) ?? 0) + count);
      }
      expect([...parts].sort()).toEqual([['bias', 70], ['head', 70], ['table', 70]]);
    }));
  });

  onEveryDevice((device) => {
    test.each([1440, 2000])('a program split at %i bytes computes the same', async (bindingBytes) => {
      const outputs = wideTables();
      const environment = environmentOf(12);
      const want = interpret(Object.values(outputs), environment);
      const target = { ...targetOf(device()), bindingBytes };
      const got = await runGraph(device(), outputs, environment, target);
      Object.keys(outputs).forEach((name, i) => {
        want[i].data.forEach((w, j) => expect(Math.abs(got[name].data[j] - w)).toBeLessThanOrEqual(12 * 2 ** -23 * 12));
      });
    });

    test.each(WEIGHT_STORAGES)('and so it does with tables that are kept as %s', async (kept) => {
      const [outputs, environment] = [wideTables(axis('embed', WIDE)), environmentOf(WIDE)];
      const storage = (weight: string): WeightStorage => (isWide(weight) ? kept : 'f32');
      const target = { ...targetOf(device()), bindingBytes: 2000 };
      const narrowRoots = narrow(Object.values(outputs), storage, factorsFor(target.profile));
      expect(topological(splitWeights(narrowRoots, 2000)).filter((n) => n.kind === 'concat').length).toBe(2);
      const want = interpretWithBounds(narrowRoots, narrowed(environment, storage));
      const got = await runGraph(device(), outputs, environment, target, storage);
      Object.keys(outputs).forEach((name, i) => expect(firstOutside(name, got[name], want[i])).toBeUndefined());
    });
  });
});
