import { describe, expect, test } from 'vitest';
import {
  add, axis, cache, concat, dot, gather, input, iota, map, max, merge, pad, parameter, rename, RicciError, scatterAdd,
  slice, split, sum, symbol, table, type Axis,
} from '../../dsl/index.ts';
import { makeMap } from '../../dsl/nodes/pointwise.ts';
import { NOWHERE } from '../../verify/arbitraries/graphs/ops.ts';
import { silu } from '../../dsl/std/activation.ts';

const Batch = axis('batch', 2);
const Pos = axis('pos', symbol('pos', 8));
const Embed = axis('embed', 6);
const Key = axis('key', 4);
const x = input('x', [Batch, Pos, Embed]);
const w = parameter('w', [Embed, Key]);
const wide: Axis<'embed'> = { name: 'embed', size: 7 };

/** A mistake, the code of its error, and what its message says with the actual names and sizes. */
type Mistake = readonly [code: string, says: string, make: () => unknown];

const MISTAKES: readonly Mistake[] = [
  ['dsl/axis-name', '"2nd" cannot name an axis', () => axis('2nd', 3)],
  ['dsl/axis-name', '"my size" cannot name a size', () => symbol('my size', 3)],
  ['dsl/axis-size', '"pos" has the size 0', () => axis('pos', 0)],
  ['dsl/axis-size', '"pos" has the size 2.5', () => symbol('pos', 2.5)],
  ['dsl/axis-twice', 'the axis "batch" appears twice in [batch: 2, batch: 2]', () => input('x', [Batch, Batch])],
  ['dsl/parameter-size', 'The parameter "p" [pos: pos ≤ 8] has a size that is known only when a program runs',
    () => parameter('p', [Pos])],
  ['dsl/table-size', 'over [batch: 2] needs 2 numbers, and 3 were given', () => table([1, 2, 3], [Batch])],
  ['dsl/table-size', 'and 8 were given', () => table(new Float64Array(8), [Pos])],
  ['dsl/arity', 'takes 1 arguments, and 2 were given', () => map(silu, x, w)],
  ['dsl/arity', 'takes 1 arguments, and 0 were given', () => makeMap(silu.expr, [], 'f32', NOWHERE)],
  ['dsl/axis-missing', 'dot: the axis "key" is missing from the operand [batch: 2, pos: pos ≤ 8, embed: 6]',
    // @ts-expect-error the axis is missing
    () => dot(x, w, Key)],
  // @ts-expect-error the axis is missing
  ['dsl/axis-missing', 'sum: the axis "key" is missing', () => sum(x, Key)],
  // @ts-expect-error the axis is missing
  ['dsl/axis-missing', 'max: the axis "key" is missing', () => max(x, Key)],
  // @ts-expect-error the axis is missing
  ['dsl/axis-missing', 'rename: the axis "key" is missing', () => rename(x, Key, axis('other', 4))],
  // @ts-expect-error the axis is taken
  ['dsl/axis-taken', 'already has an axis "batch"', () => rename(x, Embed, axis('batch', 6))],
  // @ts-expect-error the axis is taken
  ['dsl/axis-taken', 'cache: the operand', () => cache(x, Embed, axis('batch', 6), 'c')],
  ['dsl/axis-taken', 'split: the operand', () => split(x, Embed, axis('batch', 2), axis('rest', 3))],
  ['dsl/size-mismatch', 'the axis "embed" has two sizes, embed: 6 and embed: 7', () => add(x, input('y', [wide]))],
  ['dsl/size-mismatch', 'the sizes of embed: 6 and embed: 7 differ', () => dot(x, input('y', [wide]), Embed)],
  ['dsl/size-mismatch', 'the sizes of pos: pos ≤ 8 and key: 4 differ', () => cache(x, Pos, Key, 'k')],
  ['dsl/size-symbolic', 'slice: the size of the axis pos: pos ≤ 8 is known only when the program runs',
    () => slice(x, Pos, 0, 1)],
  ['dsl/size-symbolic', 'merge', () => merge(x, Batch, Pos, axis('both', 16))],
  ['dsl/split-size', 'a: 2 times b: 4 is 8, and embed: 6 is to be split',
    () => split(x, Embed, axis('a', 2), axis('b', 4))],
  ['dsl/merge-size', 'batch: 2 times embed: 6 is 12, and the new axis is both: 13',
    () => merge(x, Batch, Embed, axis('both', 13))],
  ['dsl/slice-range', '3 entries from 4 do not lie in embed: 6', () => slice(x, Embed, 4, 3)],
  ['dsl/slice-range', '0 entries from 0', () => slice(x, Embed, 0, 0)],
  ['dsl/pad-range', '-1 entries before and 0 after "embed"', () => pad(x, Embed, -1, 0)],
  ['dsl/concat-empty', 'no operand was given', () => concat([], Embed)],
  ['dsl/concat-axes',
    'the axis "batch" (up to 2) is not in every operand: [batch: 2, pos: pos ≤ 8, embed: 6], [embed: 6, key: 4]',
    () => concat([x, w], Key)],
  ['dsl/index-dtype', 'gather: the index has the type f32', () => gather(x, Embed, input('at', [Batch]))],
  ['dsl/index-dtype', 'scatterAdd: the index has the type f32',
    () => scatterAdd(x, input('at', [Batch]), Batch, axis('to', 3))],
  ['dsl/axis-taken', 'gather: the operand [embed: 6] already has an axis "embed"', () => gather(x, Embed, iota(Embed))],
];

function thrownBy(make: () => unknown): RicciError {
  try {
    make();
  } catch (e) {
    if (e instanceof RicciError) return e;
    throw e;
  }
  return expect.unreachable('nothing was thrown');
}

describe('a mistake in a program is one error with its code, the actual axes, and a remedy', () => {
  test.each(MISTAKES)('%s: %s', (code, says, make) => {
    const error = thrownBy(make);
    expect(error.code).toBe(code);
    expect(error.message).toContain(says);
    expect(error.hint).toMatch(/\.$/);
  });
});

/** The line of this file that an error was made on. */
const lineOf = (e: Error): number => Number(/errors\.test\.ts:(\d+):/.exec(e.stack ?? '')?.[1]);

describe('places', () => {
  test('an error points at the line of the program that made it', () => {
    const [error, line] = [thrownBy(() => slice(x, Embed, 4, 3)), lineOf(new Error('here'))];
    expect(error.place?.file).toMatch(/test\/dsl\/errors\.test\.ts$/);
    expect(error.place?.line).toBe(line);
    expect(error.message).toContain(`errors.test.ts:${line}:`);
  });

  test('so does every value, through the operations of the standard library too', () => {
    const [y, line] = [add(x, 1), lineOf(new Error('here'))];
    expect(y.node.origin.place?.line).toBe(line);
    const [z, next] = [map(silu, x), lineOf(new Error('here'))];
    expect([z.node.origin.place?.file.endsWith('errors.test.ts'), z.node.origin.place?.line]).toEqual([true, next]);
  });
});
