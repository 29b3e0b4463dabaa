import { describe, expect, test } from 'vitest';
import {
  abs, add, axis, concat, dot, exp, gather, input, iota, max, maximum, merge, mul, parameter, product, rename,
  scatterAdd, slice, split, sum, symbol, table, tanh, traced, map, type AnyTensor,
} from '../../dsl/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { environmentFor } from '../../verify/arbitraries/graphs/values.ts';

const [A, B, Wide, Long] = [axis('a', 3), axis('b', 5), axis('wide', 12), axis('long', 128)];
const [Two, Five, Half, Part] = [axis('two', 2), axis('five', 5), axis('half', 2), axis('part', 6)];
const N = axis('n', symbol('n', 9));
const [Rows, Columns] = [axis('rows', 12), axis('columns', 40)];
const x = input('x', [A, Wide]);
const long = input('long', [A, Long]);
const halves = split(x, Wide, Half, Part);
const ids = input('ids', [A], 'i32');

const either = traced(2, (p, q) => p.lt(q).or(q.ne(1)).and(p.gt(-1)).select(p, q));
const first = traced(2, (p) => p);
const merged = merge(slice(input('m', [A, B]), B, 1, 1), A, B, axis('ab', 3));

const stackedOnce = concat([x], axis('stack', 1));

const AXIS_NAMES = ['lane', 'fn', 'max', 'j', 'total0', 'x', 'sizes', 'x_1'];

/** Programs that a compiler gets wrong easily; each was wrong here once, or was written to see that it is not. */
const EXAMPLES: Readonly<Record<string, readonly AnyTensor[]>> = {
  'results that are given: an input, a weight, a table, a number': [
    x, parameter('w', [A]), table([1, 2, 3], [A]), sum(table([5, 6], [Two]), Two),
  ],
  'one value under two names': [tanh(x), tanh(x)],
  'a weight that its function ignores': [map(first, x, parameter('w', [Wide]))],
  'reductions of integers': [sum(iota(Wide), Wide), max(ids, A), scatterAdd(ids, ids, A, axis('to', 4))],
  'extremes and products of expressions, four at a time': [
    max(add(x, x), Wide), product(abs(x), Wide), max(exp(long), Long),
  ],
  'extremes of what does not vary': [max(add(mul(iota(Wide), 0), input('s', [])), Wide)],
  'logic, four at a time': [sum(map(either, x, 0.5), Wide)],
  'axes named like words of WGSL, like values, and like parts of the schedule': AXIS_NAMES.map((name) =>
    dot(input('data', [A, Wide]), input(name, [axis(name, 8), Wide]), Wide)),
  'sizes named like words of WGSL and of the emitter': ['one', 'one_', 'loop', 'none'].map((name) =>
    sum(input(name, [axis('a', symbol(name, 9)), B]), B)),
  'a merged axis next to one that it was made of': [add(merged, input('r', [A, axis('b', 1)]))],
  'rows of a symbolic size, and an index that leaves the axis': [
    gather(input('rows', [N, B]), N, ids), sum(input('rows', [N, B]), N),
  ],
  'a rotation stacked and merged': [
    merge(concat([gather(halves, Half, 1), gather(halves, Half, 0)], Half), Half, Part, axis('turned', 12)),
  ],
  'a stack of stacks of one': [
    rename(concat([stackedOnce, stackedOnce, stackedOnce], axis('stack', 3)), axis('stack', 3), axis('layer', 3)),
  ],
  'two products of matrices in one kernel, of rows that differ': [
    add(
      dot(input('p', [Rows, Two]), parameter('w', [Columns, Two]), Two),
      dot(input('r', [Rows, Two]), parameter('v', [Columns, Two]), Two),
    ),
  ],
  'two contractions of one size over different axes': [
    add(dot(input('p', [B, Two]), input('q', [B, A]), B), dot(input('r', [Five, Two]), input('s', [Five, A]), Five)),
  ],
  'a contraction over an axis that the result has again': [
    add(
      rename(dot(input('p', [Five, A]), input('q', [B, A, Five]), Five), B, Five),
      dot(input('p', [Five, A]), input('s', [Five, Two]), Five),
    ),
  ],
  'sums longer than the lanes': [sum(long, Long), maximum(dot(long, rename(long, A, axis('c', 3)), Long), 0)],
};

onEveryDevice((device) => {
  describe('compiled examples are what the interpreter says', () => {
    test.each(Object.entries(EXAMPLES))('%s', async (_, tensors) => {
      const outputs = tensors.map((t) => t.node);
      const env = environmentFor(outputs, 1, { n: 4, one: 2, one_: 3, loop: 4, none: 5 });
      const expected = interpretWithBounds(outputs, env);
      const own = targetOf(device());
      for (const subgroup of new Set([own.profile.subgroup, undefined])) {
        const target = { ...own, profile: { ...own.profile, subgroup } };
        const named = Object.fromEntries(outputs.map((n, i) => [`out${i}`, n]));
        const got = await runGraph(device(), named, env, target);
        const outside = outputs.map((_n, i) => firstOutside(`out${i}`, got[`out${i}`], expected[i]));
        expect(outside.filter((d) => d !== undefined)).toEqual([]);
      }
    });
  });
});
