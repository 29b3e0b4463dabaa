import { describe, expect, test } from 'vitest';
import { interpret, type Environment } from '../../compiler/interpret/interpret.ts';
import { axis, dot, input } from '../../dsl/index.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';

const Row = axis('row', 64);
const Term = axis('term', 24);
const U = 2 ** -24;

/** Rows whose terms span many magnitudes and nearly cancel: x₁, −x₁·(1 + ε), x₂, … against ones of either sign. */
function cancelling(): Environment {
  const a = new Float64Array(64 * 24);
  const b = new Float64Array(64 * 24);
  for (let i = 0; i < a.length; i += 2) {
    const size = Math.fround(Math.sin(i + 1) * 10 ** ((i % 7) - 3));
    a[i] = size;
    a[i + 1] = Math.fround(-size * (1 + 1e-5 * Math.cos(i)));
    b[i] = b[i + 1] = Math.fround(1 + 0.3 * Math.sin(3 * i));
  }
  const dense = (data: Float64Array) => ({ names: ['row', 'term'], sizes: [64, 24], data });
  return { inputs: { a: dense(a), b: dense(b) } };
}

onEveryDevice((device) => {
  describe('compensated contraction', () => {
    /** Largest excess over the bound of Ogita, Rump and Oishi (2005, proposition 5.5): u·|s| + γₙ²·Σ|aᵢbᵢ|. */
    async function excess(compensated: boolean): Promise<number> {
      const env = cancelling();
      const node = dot(input('a', [Row, Term]), input('b', [Row, Term]), Term, { compensated }).node;
      const got = (await runGraph(device(), { y: node }, env))['y'].data;
      const [want] = interpret([node], env);
      const [a, b] = [env.inputs?.['a']?.data ?? [], env.inputs?.['b']?.data ?? []];
      const gamma = (24 * U) / (1 - 24 * U);
      return Math.max(...[...want.data].map((s, r) => {
        let size = 0;
        for (let k = 0; k < 24; k++) size += Math.abs(a[r * 24 + k] * b[r * 24 + k]);
        return Math.abs(got[r] - s) - (U * Math.abs(s) + gamma * gamma * size);
      }));
    }

    test('is as exact as if computed with twice the digits', async () => {
      expect(await excess(true)).toBeLessThanOrEqual(0);
    });

    test('and a plain one is not, on the same sums', async () => {
      expect(await excess(false)).toBeGreaterThan(0);
    });
  });
});
