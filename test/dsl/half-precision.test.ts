import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Dense } from '../../compiler/interpret/dense.ts';
import { interpret } from '../../compiler/interpret/interpret.ts';
import {
  axis, grad, inHalfPrecision, input, linear, mul, parameter, sum, tensorOf, type AnyTensor, type Node,
} from '../../dsl/index.ts';
import { runs } from '../support/runs.ts';

const [Row, In, Out] = [axis('row', 2), axis('in', 3), axis('out', 2)];
const x = input('x', [Row, In]);
const weight = parameter('w', [Out, In]);
const loss = (() => {
  const y = linear(x, In, weight, parameter('b', [Out]));
  return sum(sum(mul(y, y), Row), Out);
})();

const values = (sizes: Readonly<Record<string, number>>, number: fc.Arbitrary<number>): fc.Arbitrary<Dense> => {
  const [names, lengths] = [Object.keys(sizes), Object.values(sizes)];
  const count = lengths.reduce((n, s) => n * s, 1);
  return fc.array(number, { minLength: count, maxLength: count })
    .map((data) => ({ names, sizes: lengths, data: Float64Array.from(data) }));
};

const given = (number: fc.Arbitrary<number>) => fc.record({
  x: values({ row: 2, in: 3 }, number), w: values({ out: 2, in: 3 }, number), b: values({ out: 2 }, number),
});

/** The loss and its gradient by the weight. */
const learned = (of: Node): readonly Node[] => [of, grad(tensorOf<never>(of), [weight])[0].node];
const halfLoss = inHalfPrecision([loss.node], (name) => name === 'w')[0];

type Given = Readonly<Record<'x' | 'w' | 'b', Dense>>;
const results = (roots: readonly Node[], { x: rows, w, b }: Given): readonly (readonly number[])[] =>
  interpret(roots, { inputs: { x: rows }, parameters: { w, b } }).map(({ data }) => [...data]);

test('law: on numbers that a binary16 holds, and whose products it holds, half precision changes nothing', () => {
  fc.assert(fc.property(given(fc.integer({ min: -8, max: 8 })), (env) => {
    expect(results(learned(halfLoss), env)).toEqual(results(learned(loss.node), env));
  }), runs(200));
});

test('law: contractions of other weights stay as they are', () => {
  expect(inHalfPrecision([loss.node], () => false)[0].key).toBe(loss.node.key);
});

test('a number between two of a binary16 is rounded before it is multiplied', () => {
  const dense = (tensor: AnyTensor, value: number): Dense => {
    const sizes = tensor.node.axes.map((a) => Number(a.size));
    const count = sizes.reduce((n, s) => n * s, 1);
    return { names: tensor.node.axes.map((a) => a.name), sizes, data: new Float64Array(count).fill(value) };
  };
  const b: Dense = { names: ['out'], sizes: [2], data: new Float64Array(2) };
  const env = { x: dense(x, 1 + 2 ** -12), w: dense(weight, 1), b };
  expect(results([halfLoss], env)).toEqual([[4 * 9]]);
  expect(results([loss.node], env)[0][0]).toBeGreaterThan(4 * 9);
});
