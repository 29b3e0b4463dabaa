import { describe, expect, test } from 'vitest';
import { interpret, type Environment } from '../../compiler/interpret/interpret.ts';
import {
  abs, add, axis, cache, concat, constant, cos, div, dot, exp, freeze, gather, input, iota, layerNorm, log, map, max,
  maximum, merge, min, minimum, mul, neg, pad, parameter, pow, product, random, rename, scatterAdd, silu, sin, slice,
  softmax, split, sqrt, sub, sum, symbol, table, tanh, tensorOf, traced, where, type AnyTensor, type Tensor,
} from '../../dsl/index.ts';
import { makeReduce } from '../../dsl/nodes/contraction.ts';
import { NOWHERE } from '../../verify/arbitraries/graphs/ops.ts';
import { environmentFor } from '../../verify/arbitraries/graphs/values.ts';
import { differences, gradients, leavesOf, lossOf } from './support.ts';

const [A, B, C, Six] = [axis('a', 3), axis('b', 4), axis('c', 2), axis('six', 6)];
const N = axis('n', symbol('n', 5));
const M = axis('m', symbol('m', 4));
const [x, y, z] = [input('x', [A, B]), input('y', [B, C]), input('z', [A])];
const wide = input('wide', [A, Six]);
const runtime = input('runtime', [N, B]);
const twoRuntime = input('twoRuntime', [N, M, C]);
const positive = add(mul(x, x), 0.5);
const [idsA, idsAC, idsN, idsNM] = [
  input('ids_a', [A], 'i32'), input('ids_ac', [A, C], 'i32'), input('ids_n', [N], 'i32'),
  input('ids_nm', [N, M], 'i32'),
];
const weight = parameter('w', [axis('vocab', 7), B]);
const Vocab = axis('vocab', 7);
const clip = traced(2, (u, v) => u.mul(v).min(0.5).max(-0.5));

const compensated = tensorOf<'a'>(makeReduce('compensated', x.node, 'b', NOWHERE));

/** Each primitive, with what makes it difficult. */
const EXAMPLES: Readonly<Record<string, readonly AnyTensor[]>> = {
  'arithmetic, broadcast by name': [mul(add(x, y), sub(z, 2)), div(x, add(mul(y, y), 1)), neg(z)],
  'functions of one number': [exp(x), log(positive), sqrt(positive), sin(x), cos(x), tanh(x), abs(x), map(silu, x)],
  'powers, by base and by exponent': [pow(positive, y), pow(x, 3), pow(2, z)],
  'one value twice in one function': [mul(x, x), div(x, add(x, 3)), pow(positive, positive)],
  'choices and corners': [where(x, mul(x, 2), y), maximum(x, y), minimum(x, 0.3), map(clip, x, y)],
  'a function that ignores an argument': [map(traced(2, (u) => u.mul(u)), x, y)],
  'sums of what is constant along them': [sum(mul(sum(x, A), z), A), mul(sum(z, A), x)],
  'sums, also compensated': [sum(x, A), sum(x, B), mul(compensated, z)],
  'sums of a size that a run gives': [sum(runtime, N), mul(sum(runtime, N), runtime), add(sum(z, A), runtime)],
  'sums whose adjoint is a number, of what is repeated along an axis': [
    sum(sum(sum(add(x, y), A), B), C), sum(sum(add(z, sum(runtime, B)), A), N), sum(sum(maximum(z, iota(C)), A), C),
  ],
  'extremes': [max(x, A), min(x, B), mul(max(mul(x, x), B), z)],
  'products': [product(x, A), product(mul(x, 0), B), product(map(traced(2, (u, i) => u.mul(i)), x, iota(B)), B)],
  'products with several zeros': [product(map(traced(2, (u, i) => u.mul(i.sub(1).max(0))), x, iota(B)), B)],
  'a contraction, also compensated': [dot(x, y, B), dot(x, y, B, { compensated: true }), dot(x, x, A)],
  'a contraction with axes that are batched': [dot(mul(x, z), dot(x, y, B), A), dot(x, mul(y, z), B)],
  'a contraction whose adjoint is a number': [sum(sum(dot(x, y, B), A), C)],
  'weights of a batch of rows': [dot(input('rows', [A, C, B]), weight, B)],
  'weights of a batch of sizes that a run gives': [dot(twoRuntime, input('v', [C, B]), C), dot(runtime, weight, B)],
  'renames': [rename(x, B, axis('other', 4)), rename(sum(x, A), B, axis('other', 4))],
  'splits of a whole adjoint, and of one that lacks axes': [
    split(wide, Six, axis('o', 2), axis('i', 3)), sum(split(wide, Six, axis('o', 2), axis('i', 3)), axis('i', 3)),
    sum(split(wide, Six, axis('o', 2), axis('i', 3)), axis('o', 2)),
    sum(sum(split(wide, Six, axis('o', 2), axis('i', 3)), axis('o', 2)), axis('i', 3)),
  ],
  'merges': [
    merge(x, A, B, axis('ab', 12)), merge(x, B, A, axis('ba', 12)),
    sum(merge(x, A, B, axis('ab', 12)), axis('ab', 12)),
  ],
  'slices, of all, and summed': [slice(wide, Six, 1, 2), slice(wide, Six, 0, 6), sum(slice(wide, Six, 3, 2), Six)],
  'slices that make up the axis, and that overlap': [slice(wide, Six, 0, 2), slice(wide, Six, 2, 4), slice(x, B, 0, 3)],
  'overlapping slices': [slice(wide, Six, 0, 3), slice(wide, Six, 2, 2), slice(wide, Six, 1, 5)],
  'padding': [pad(wide, Six, 1, 2, 0.5), sum(pad(wide, Six, 0, 3, 2), Six)],
  'concatenations, of operands that have the axis and of one that lacks it': [
    concat([x, mul(x, 2), x], A), concat([x, sum(x, A)], A), sum(concat([x, sum(x, A)], A), A),
    concat([z, neg(z)], axis('stack', 2)),
  ],
  'frozen and cached values': [freeze(mul(x, x), 'f'), cache(mul(x, 2), B, axis('key', 4), 'k')],
  'values without a gradient': [mul(x, random(1, [B])), mul(x, iota(B)), mul(x, table([1, 2, 3], [A])), constant(3)],
  'an index of every row of a batch': [gather(weight, Vocab, idsA), gather(weight, Vocab, idsAC)],
  'an index of a size that a run gives': [gather(weight, Vocab, idsN), gather(weight, Vocab, idsNM)],
  'an index of one entry': [gather(weight, Vocab, input('one', [axis('single', 1)], 'i32'))],
  'an index that a run gives, without axes': [gather(weight, Vocab, input('at', [], 'i32'))],
  'rows of a size that a run gives': [
    gather(runtime, N, idsA), gather(runtime, N, 2), gather(runtime, N, input('i', [], 'i32')),
  ],
  'an index by row of what is read': [gather(x, B, idsA), gather(x, B, input('ids_c', [C], 'i32'))],
  'fixed places, which make up the axis or not': [
    gather(x, A, 0), gather(x, A, 2), gather(x, B, 9), sum(gather(y, B, 1), C), gather(z, A, 0), gather(z, A, 1),
    gather(z, A, 2),
  ],
  'adding up by index': [
    scatterAdd(x, idsA, A, Vocab), scatterAdd(x, idsAC, A, Vocab), scatterAdd(runtime, idsN, N, M),
  ],
  'softmax and layer norm': [
    softmax(x, B), layerNorm(x, B, parameter('gain', [B]), parameter('bias', [B]), 1e-5),
  ],
};

/** Sizes of a run. */
const SIZES = { n: 4, m: 3 };

const largest = (data: Float64Array): number => data.reduce((m, v) => Math.max(m, Math.abs(v)), 1);

/** Gradients by everything that the tensors are made of, and what differences say of them. */
function compared(tensors: readonly AnyTensor[], seed: number) {
  const loss = lossOf(tensors.map((t) => t.node));
  const leaves = leavesOf([loss]);
  const env: Environment = environmentFor([loss], seed, SIZES);
  const values = interpret(gradients(loss, leaves), env);
  return leaves.map((leaf, i) => ({ name: leaf.name, got: values[i].data, expected: differences(loss, leaf, env) }));
}

describe('the gradient of a primitive is what differences say, entry by entry', () => {
  test.each(Object.entries(EXAMPLES))('%s', (_, tensors) => {
    const all = compared(tensors, 5);
    expect(all.length).toBeGreaterThan(0);
    for (const { name, got, expected } of all) {
      const tolerance = 1e-7 * largest(expected);
      got.forEach((v, j) => { expect(Math.abs(v - expected[j]), `${name} at ${j}`).toBeLessThan(tolerance); });
    }
  });
});

const valuesOf = (loss: Tensor<never>, wrt: AnyTensor, values: readonly number[]): readonly number[] => {
  const [leaf] = leavesOf([wrt.node]);
  const env = { inputs: { [leaf.name]: { names: ['a'], sizes: [3], data: Float64Array.from(values) } } };
  return [...interpret(gradients(loss.node, [wrt.node]), env)[0].data];
};

describe('where a derivative is a choice', () => {
  test('equal largest and smallest entries share it evenly', () => {
    expect(valuesOf(max(z, A), z, [2, 1, 2])).toEqual([0.5, 0, 0.5]);
    expect(valuesOf(min(z, A), z, [3, 3, 3])).toEqual([1, 1, 1].map((v) => v / 3));
  });

  test('a product with zeros has that of the other entries', () => {
    expect(valuesOf(product(z, A), z, [2, 0, 5])).toEqual([0, 10, 0]);
    expect(valuesOf(product(z, A), z, [0, 0, 5])).toEqual([0, 0, 0]);
  });
});
