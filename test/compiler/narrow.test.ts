import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interpret } from '../../compiler/interpret/interpret.ts';
import { factorsFor, narrow } from '../../compiler/passes/narrow.ts';
import { topological } from '../../dsl/graph.ts';
import { axis, dot, input, parameter, type Node } from '../../dsl/index.ts';
import { narrowed } from '../support/narrow.ts';
import { runs } from '../support/runs.ts';

const [Row, From, To] = [axis('row', 3), axis('from', 6), axis('to', 4)];
const int8 = (): 'int8' => 'int8';

const product = dot(input('x', [Row, From]), parameter('w', [To, From]), From).node;
const [rounded] = narrow([product], int8, 'int16');
const [scaled] = narrow([product], int8, 'f32');

/** Rows of very different magnitude, some of them zero. */
const rows = (count: number, length: number): fc.Arbitrary<Float64Array> => fc.array(
  fc.tuple(fc.constantFrom(0, 1e-38, 1e-20, 1, 1e4, 1e20), fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
    minLength: length, maxLength: length,
  })),
  { minLength: count, maxLength: count },
).map((all) => Float64Array.from(all.flatMap(([scale, numbers]) => numbers.map((v) => Math.fround(v * scale)))));

const envOf = (x: Float64Array, w: Float64Array) => narrowed({
  inputs: { x: { names: ['row', 'from'], sizes: [3, 6], data: x } },
  parameters: { w: { names: ['to', 'from'], sizes: [4, 6], data: w } },
}, int8);

const largestOf = (xs: Float64Array): number => xs.reduce((m, v) => Math.max(m, Math.abs(v)), 0);

test('a contraction of integers by integers errs by half a step of 16 bits for each of its terms', () => fc.assert(
  fc.property(rows(3, 6), rows(4, 6), (x, w) => {
    const env = envOf(x, w);
    const { w: integers, 'w:scale': scales } = env.parameters ?? {};
    const [total] = interpret([rounded], env);
    for (let i = 0; i < 3; i++) {
      const row = x.subarray(6 * i, 6 * i + 6);
      const step = Math.max(largestOf(row), 1e-30) / 32767;
      for (let j = 0; j < 4; j++) {
        const own = integers.data.subarray(6 * j, 6 * j + 6);
        const exact = own.reduce((sum, q, k) => sum + q * row[k], 0) * scales.data[j];
        const bound = own.reduce((sum, q) => sum + Math.abs(q), 0) * (step / 2) * scales.data[j];
        expect(Math.abs(total.data[4 * i + j] - exact)).toBeLessThanOrEqual(bound * (1 + 1e-9));
      }
    }
  }),
  runs(300),
));

test('a contraction of integers by numbers is that of the weight, whose scales multiply the totals', () => fc.assert(
  fc.property(rows(3, 6), rows(4, 6), (x, w) => {
    const env = envOf(x, w);
    const { w: integers, 'w:scale': scales } = env.parameters ?? {};
    const weight = { ...integers, data: integers.data.map((q, i) => q * scales.data[Math.floor(i / 6)]) };
    const [exact] = interpret([product], { ...env, parameters: { w: weight } });
    const [total] = interpret([scaled], env);
    total.data.forEach((v, i) => {
      const [row, column] = [6 * Math.floor(i / 4), 6 * (i % 4)];
      const terms = Array.from({ length: 6 }, (_, k) => Math.abs(x[row + k] * weight.data[column + k]));
      expect(Math.abs(v - exact.data[i])).toBeLessThanOrEqual(1e-14 * terms.reduce((a, b) => a + b, 0));
    });
  }),
  runs(300),
));

const kinds = (root: Node): readonly string[] => topological([root]).map((n) => n.kind);

test('what does not run along the rows of a weight is left as it is', () => {
  const across = dot(input('x', [Row, To]), parameter('w', [To, From]), To).node;
  expect(kinds(narrow([across], int8, 'int16')[0])).not.toContain('quantize');
  expect(kinds(rounded)).toContain('quantize');
});

test('lanes multiply integers with numbers as they are, and vectors with integers', () => {
  expect([factorsFor({ cells: 'lanes' }), factorsFor({ cells: 'vectors' })]).toEqual(['f32', 'int16']);
  expect(kinds(scaled)).not.toContain('quantize');
});
