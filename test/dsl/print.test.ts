import { expect, test } from 'vitest';
import {
  axis, cache, concat, dot, exp, freeze, gather, input, merge, pad, parameter, slice, split, sum, symbol, table,
} from '../../dsl/index.ts';
import { showGraph } from '../../dsl/print.ts';

test('a graph is printed as numbered lines, each distinct value once', () => {
  const [Batch, Pos, Embed, Key] = [axis('batch', 2), axis('pos', symbol('pos', 8)), axis('embed', 6), axis('key', 4)];
  const y = dot(input('x', [Batch, Pos, Embed]), parameter('w', [Embed, Key]), Embed);
  const shares = exp(y);
  expect(showGraph([sum(shares, Key).node, shares.node])).toBe(`%0 = input("x") : [batch: 2, pos: pos ≤ 8, embed: 6]
%1 = parameter("w") : [embed: 6, key: 4]
%2 = dot(%0, %1, over embed) : [batch: 2, pos: pos ≤ 8, key: 4]
%3 = map((x) => exp(x), %2) : [batch: 2, pos: pos ≤ 8, key: 4]
%4 = sum(%3, over key) : [batch: 2, pos: pos ≤ 8]
return %4, %3`);
});

test('views, tables and staging name what they do', () => {
  const [A, B, C] = [axis('a', 6), axis('b', 2), axis('c', 3)];
  const x = input('x', [A]);
  const lines = [
    split(x, A, B, C), merge(split(x, A, B, C), B, C, axis('d', 6)), slice(x, A, 1, 2), pad(x, A, 1, 0, 9),
    concat([x, x], A), gather(x, A, input('at', [], 'i32')), freeze(x, 'kept'), cache(x, A, axis('k', 6), 'rows'),
    table([1, 2, 3, 4, 5, 6], [A]), table(new Float64Array(8), [axis('e', 8)]),
  ].map((t) => showGraph([t.node]).split('\n').at(-2)?.replace(/^%\d+ = /, ''));
  expect(lines).toEqual([
    'split(%0, a → b · c) : [b: 2, c: 3]', 'merge(%1, b · c → d) : [d: 6]', 'slice(%0, a from 1) : [a: 2]',
    'pad(%0, a by 9, 1 before) : [a: 7]', 'concat(%0, %0, along a) : [a: 12]', 'gather(%0, a at %1) : []',
    'freeze(%0, "kept") : [a: 6]', 'cache(%0, a → k, "rows") : [k: 6]', 'table(1, 2, 3, 4, 5, 6) : [a: 6]',
    'table(0, 0, 0, 0, 0, 0, …) : [e: 8]',
  ]);
});
