import fc from 'fast-check';
import { symbol } from '../../../dsl/index.ts';
import type { Axis } from '../../../dsl/axis.ts';
import type { Node } from '../../../dsl/node.ts';
import { makeInput, makeIota, makeParameter } from '../../../dsl/nodes/leaves.ts';
import type { GivenGraph } from './given.ts';
import { add, div, dot, exp, map1, mul, NOWHERE, reduce, sub, whereAtMost } from './ops.ts';
import { environmentFor } from './values.ts';

/*
 * Rows against columns, of more of both than one tile of lanes holds, and of numbers that no tile divides: products of
 * matrices, of rows that are normalised first, and attention of several rows along one range.
 */

const given = (name: string, ...axes: readonly Axis[]): Node => makeInput(name, axes, 'f32', NOWHERE);
const weight = (name: string, ...axes: readonly Axis[]): Node => makeParameter(name, axes, 'f32', NOWHERE);

const size = (most: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: most });

/** An axis of so many entries, or of at most as many where `most` is given. */
const along = (name: string, entries: number, isOpen: boolean): Axis =>
  ({ name, size: isOpen ? symbol(name, entries + 3) : entries });

const products: fc.Arbitrary<GivenGraph> = fc.record({
  heads: size(2), rows: size(20), columns: size(70), range: fc.oneof(size(9), fc.constantFrom(4, 8, 36)),
  isOpen: fc.boolean(), isFused: fc.boolean(), isTwice: fc.boolean(), seed: fc.nat(1000),
}).map(({ heads, rows, columns, range, isOpen, isFused, isTwice, seed }) => {
  const [Head, Row, Column, From] = [
    along('head', heads, false), along('row', rows, isOpen), along('column', columns, false), along('from', range, false),
  ];
  const x = given('x', Head, Row, From);
  const own = isFused ? map1(x, (v) => v.mul(v).add(1)) : x;
  const one = dot(own, weight('w', Head, Column, From), 'from');
  const result = isTwice ? mul(one, dot(own, weight('u', Head, Column, From), 'from')) : one;
  const outputs = [isFused ? add(result, given('bias', Column)) : result];
  return { outputs, env: environmentFor(outputs, seed, isOpen ? { row: rows } : {}) };
});

const attention: fc.Arbitrary<GivenGraph> = fc.record({
  heads: size(2), rows: size(20), keys: size(90), channels: size(9).map((n) => 4 * n),
  isOpen: fc.boolean(), isCausal: fc.boolean(), hasOperator: fc.boolean(), seed: fc.nat(1000),
}).map(({ heads, rows, keys, channels, isOpen, isCausal, hasOperator, seed }) => {
  const [Head, Row, Key] = [along('head', heads, false), along('pos', rows, isOpen), along('key', keys, isOpen)];
  const [Dk, From, Channel] = [along('dk', 8, false), along('from', 8, false), along('channel', channels, false)];
  const q = hasOperator ? dot(given('q', Head, Row, From), given('G', Head, From, Dk), 'from') : given('q', Head, Row, Dk);
  const scores = map1(dot(q, given('k', Head, Key, Dk), 'dk'), (v) => v.mul(0.125));
  const seen = isCausal ? whereAtMost(makeIota(Key, NOWHERE), makeIota(Row, NOWHERE), scores, -1e9) : scores;
  const powers = exp(sub(seen, reduce('max', seen, 'key')));
  const mean = dot(div(powers, reduce('sum', powers, 'key')), given('v', Head, Key, Channel), 'key');
  return { outputs: [mean], env: environmentFor([mean], seed, isOpen ? { pos: rows, key: keys } : {}) };
});

/** Rows (in a step, one) that are normalised, projected once or several times, and added to what becomes of them. */
const normed: fc.Arbitrary<GivenGraph> = fc.record({
  rows: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, size(9)), channels: fc.oneof(size(9), fc.constantFrom(4, 32, 68)),
  heads: size(3), columns: size(70), isGated: fc.boolean(), isOutput: fc.boolean(), seed: fc.nat(1000),
}).map(({ rows, channels, heads, columns, isGated, isOutput, seed }) => {
  const [Row, From] = [along('row', rows, false), along('from', channels, false)];
  const [Head, Column] = [along('head', heads, false), along('column', columns, false)];
  const x = add(given('x', Row, From), given('y', Row, From));
  const mean = map1(reduce('sum', x, 'from'), (v) => v.div(channels));
  const centred = sub(x, mean);
  const spread = map1(reduce('sum', mul(centred, centred), 'from'), (v) => v.div(channels).add(0.1).sqrt());
  const row = add(mul(div(centred, spread), weight('gain', From)), weight('shift', From));
  const up = dot(row, weight('w', Head, Column, From), 'from');
  const inner = isGated ? mul(up, dot(row, weight('u', Head, Column, From), 'from')) : add(up, given('bias', Column));
  const down = dot(dot(inner, weight('v', Head, Column, From), 'column'), given('mix', Head), 'head');
  const outputs = [add(down, row), ...(isOutput ? [row] : [inner])];
  return { outputs, env: environmentFor(outputs, seed, {}) };
});

/** Products of matrices, normalised rows and attention, each a few tiles large. Shrinks to single rows and columns. */
export const tiledGraphs: fc.Arbitrary<GivenGraph> = fc.oneof(products, normed, attention);
