import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { operands, rebuild, rewrite, topological, users } from '../../dsl/graph.ts';
import { showGraph } from '../../dsl/print.ts';
import { fusible, graphs } from '../../verify/arbitraries/graphs/index.ts';
import { runs } from '../support/runs.ts';

const anyGraph = fc.oneof(graphs, fusible);

describe('keys', () => {
  test('two values have one key exactly when they are written the same', () => {
    fc.assert(fc.property(anyGraph, anyGraph, (one, other) => {
      const nodes = [...one.nodes, ...other.nodes];
      const texts = new Map<string, string>();
      const keys = new Map<string, string>();
      for (const node of nodes) {
        const text = showGraph([node]);
        // A long constant tensor is not written in full.
        if (text.includes('…')) continue;
        expect(texts.get(node.key) ?? text).toBe(text);
        expect(keys.get(text) ?? node.key).toBe(node.key);
        texts.set(node.key, text);
        keys.set(text, node.key);
      }
    }), runs(100));
  });

  test('a node made again from its operands has its key', () => {
    fc.assert(fc.property(anyGraph, ({ nodes }) => {
      for (const n of topological(nodes)) expect(rebuild(n, operands(n)).key).toBe(n.key);
    }), runs(100));
  });
});

describe('graphs', () => {
  test('come with operands before their users, each value once', () => {
    fc.assert(fc.property(anyGraph, ({ outputs }) => {
      const order = topological(outputs).map((n) => n.key);
      expect(new Set(order).size).toBe(order.length);
      for (const n of topological(outputs)) {
        for (const x of operands(n)) expect(order.indexOf(x.key)).toBeLessThan(order.indexOf(n.key));
      }
    }), runs(100));
  });

  test('users are the other direction of operands', () => {
    fc.assert(fc.property(anyGraph, ({ outputs }) => {
      const map = users(outputs);
      for (const n of topological(outputs)) {
        for (const x of operands(n)) expect(map.get(x.key)?.map((u) => u.key)).toContain(n.key);
        for (const u of map.get(n.key) ?? []) expect(operands(u).map((x) => x.key)).toContain(n.key);
      }
    }), runs(100));
  });

  test('rewriting with no change gives the same graph back', () => {
    fc.assert(fc.property(anyGraph, ({ outputs }) => {
      expect(rewrite(outputs, (n) => n).map((n) => n.key)).toEqual(outputs.map((n) => n.key));
    }), runs(50));
  });
});
