import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  axis, div, dot, exp, gather, input, iota, max, RicciError, scatterAdd, sub, sum, symbol, toInt,
} from '../../dsl/index.ts';
import { makeAppend } from '../../dsl/nodes/staging.ts';
import type { Dense } from '../../compiler/interpret/dense.ts';
import { interpret } from '../../compiler/interpret/interpret.ts';
import { NOWHERE } from '../../verify/arbitraries/graphs/ops.ts';

/*
 * The interpreter is what everything else is compared with, so these compare it with loops written by hand.
 */

const [M, K, N] = [3, 4, 5];
const [Row, Inner, Column] = [axis('row', M), axis('inner', K), axis('column', N)];

const numbers = (count: number): fc.Arbitrary<number[]> =>
  fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: count, maxLength: count });

const dense = (names: readonly string[], sizes: readonly number[], data: readonly number[]): Dense =>
  ({ names, sizes, data: Float64Array.from(data) });

const matrix = (data: readonly number[]): Dense => dense(['row', 'column'], [M, N], data);

const indices = (min: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min, max }), { minLength: M, maxLength: M });

describe('the interpreter', () => {
  test('dot is a matrix product where two matrices share one axis', () => {
    fc.assert(fc.property(numbers(M * K), numbers(N * K), (a, b) => {
      const product = dot(input('a', [Row, Inner]), input('b', [Column, Inner]), Inner);
      const inputs = { a: dense(['row', 'inner'], [M, K], a), b: dense(['column', 'inner'], [N, K], b) };
      const [got] = interpret([product.node], { inputs });
      expect(got.names).toEqual(['row', 'column']);
      for (let i = 0; i < M; i++) {
        for (let j = 0; j < N; j++) {
          let total = 0;
          for (let k = 0; k < K; k++) total += a[i * K + k] * b[j * K + k];
          expect(got.data[i * N + j]).toBe(total);
        }
      }
    }));
  });

  test('softmax is e^x over its sum, and sums to one', () => {
    fc.assert(fc.property(numbers(M * N), (a) => {
      const x = input('a', [Row, Column]);
      const powers = exp(sub(x, max(x, Column)));
      const inputs = { a: matrix(a) };
      const [got] = interpret([div(powers, sum(powers, Column)).node], { inputs });
      for (let i = 0; i < M; i++) {
        const row = a.slice(i * N, (i + 1) * N).map(Math.exp);
        const total = row.reduce((s, v) => s + v, 0);
        row.forEach((v, j) => expect(got.data[i * N + j]).toBeCloseTo(v / total, 12));
        expect(got.data.slice(i * N, (i + 1) * N).reduce((s, v) => s + v, 0)).toBeCloseTo(1, 12);
      }
    }));
  });

  test('gather reads at the index, held inside the axis', () => {
    fc.assert(fc.property(numbers(M * N), indices(-3, N + 3), (a, at) => {
      const rows = gather(input('a', [Row, Column]), Column, input('at', [Row], 'i32'));
      const [got] = interpret([rows.node], { inputs: { a: matrix(a), at: dense(['row'], [M], at) } });
      for (let i = 0; i < M; i++) expect(got.data[i]).toBe(a[i * N + Math.min(Math.max(at[i], 0), N - 1)]);
    }));
  });

  test('scatterAdd adds where the index says, and drops what lies outside', () => {
    fc.assert(fc.property(numbers(M * N), indices(-2, 5), (a, at) => {
      const sums = scatterAdd(input('a', [Row, Column]), input('at', [Row], 'i32'), Row, axis('to', 4));
      const [got] = interpret([sums.node], { inputs: { a: matrix(a), at: dense(['row'], [M], at) } });
      expect(got.names).toEqual(['to', 'column']);
      for (let t = 0; t < 4; t++) {
        for (let j = 0; j < N; j++) {
          let total = 0;
          for (let i = 0; i < M; i++) if (at[i] === t) total += a[i * N + j];
          expect(got.data[t * N + j]).toBe(total);
        }
      }
    }));
  });

  test('append writes rows from the given index on, and drops those beyond the end', () => {
    fc.assert(fc.property(numbers(6), numbers(2), fc.nat(6), (old, fresh, start) => {
      const state = input('state', [axis('key', 6)]).node;
      const rows = input('rows', [axis('pos', 2)]).node;
      const [got] = interpret([makeAppend(state, rows, input('start', [], 'i32').node, 'pos', 'key', NOWHERE)], {
        inputs: { state: dense(['key'], [6], old), rows: dense(['pos'], [2], fresh), start: dense([], [], [start]) },
      });
      expect([...got.data]).toEqual(old.map((v, i) => (i >= start && i < start + 2 ? fresh[i - start] : v)));
    }));
  });

  test('integers are rounded towards zero', () => {
    const x = dense(['row'], [M], [1.9, -1.9, 0.5]);
    const [got] = interpret([toInt(input('x', [Row])).node], { inputs: { x } });
    expect(Array.from(got.data, (v) => v + 0)).toEqual([1, -1, 0]);
  });

  test('a symbolic axis has the size of the run', () => {
    const Pos = axis('pos', symbol('n', 8));
    expect([...interpret([iota(Pos).node], { sizes: { n: 3 } })[0].data]).toEqual([0, 1, 2]);
  });

  test.each([
    ['interpret/size', 'The size "n" is not given, and it runs from 1 to 8', {}],
    ['interpret/size', 'The size "n" is 9', { sizes: { n: 9 } }],
    ['interpret/missing', 'The input "x" [pos: 2] was not given', { sizes: { n: 2 } }],
    ['interpret/missing', 'was given as [pos: 3]', { sizes: { n: 2 }, inputs: { x: dense(['pos'], [3], [1, 2, 3]) } }],
  ] as const)('%s: %s', (code, says, env) => {
    const x = input('x', [axis('pos', symbol('n', 8))]);
    const run = (): unknown => interpret([x.node], env);
    expect(run).toThrowError(RicciError);
    expect(run).toThrowError(expect.objectContaining({ code, message: expect.stringContaining(says) }));
  });
});
