import fc from 'fast-check';
import { symbol } from '../../../dsl/index.ts';
import type { Axis } from '../../../dsl/axis.ts';
import type { Node } from '../../../dsl/node.ts';
import { makeInput, makeIota, makeParameter } from '../../../dsl/nodes/leaves.ts';
import type { GivenGraph } from './given.ts';
import {
  add, div, dot, exp, map1, map2, mul, NOWHERE, number, reduce, sub, whereAtMost,
} from './ops.ts';
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

/** A blocked score: far below the others, or the lowest number of all. */
const BLOCKED = [-1e9, -3.4028234663852886e38] as const;

interface Mask {
  /** Whether later keys are hidden, how many besides (from none to all), and what a hidden score is. */
  readonly isCausal: boolean;
  readonly visibleFrom: number | undefined;
  readonly blocked: number;
}

const masks: fc.Arbitrary<Mask> = fc.record({
  isCausal: fc.boolean(), visibleFrom: fc.constantFrom(undefined, -1, 1, 2), blocked: fc.constantFrom(...BLOCKED),
});

/** Whole chunks of the range are hidden from whole tiles of rows; the last two hide everything from some rows or all. */
const hidingMasks: fc.Arbitrary<Mask> = fc.record({
  isCausal: fc.constant(true), visibleFrom: fc.constantFrom(undefined, 1, 1.9, 2),
  blocked: fc.constantFrom(...BLOCKED, 0),
});

/** Scores where a key may be looked at; rows in which all are hidden weigh them alike. */
function masked(scores: Node, row: Axis, key: Axis, { isCausal, visibleFrom, blocked }: Mask): Node {
  const [one, other] = [makeIota(key, NOWHERE), makeIota(row, NOWHERE)];
  if (visibleFrom === undefined) return isCausal ? whereAtMost(one, other, scores, blocked) : scores;
  const visible = map1(given('visible', key), (v) => v.ge(visibleFrom).select(1, 0));
  const seen = isCausal ? mul(visible, whereAtMost(one, other, number(1), 0)) : visible;
  return map2(seen, scores, (s, v) => s.ne(0).select(v, blocked));
}

/** Many rows along a range of some chunks, with and without some of these hidden, or few along one of more. */
const extents = fc.oneof(
  fc.record({ rows: size(20), keys: size(90), dk: fc.constant(8), mask: masks }),
  fc.record({
    rows: fc.integer({ min: 8, max: 20 }), keys: fc.integer({ min: 40, max: 110 }), dk: fc.constant(8),
    mask: hidingMasks,
  }),
  fc.record({
    rows: fc.oneof(fc.constant(1), size(3)), keys: fc.integer({ min: 60, max: 300 }), dk: fc.constantFrom(8, 6, 32),
    mask: masks,
  }),
);

const attention: fc.Arbitrary<GivenGraph> = fc.record({
  heads: size(2), extent: extents, channels: size(9).map((n) => 4 * n),
  isOpen: fc.boolean(), hasOperator: fc.boolean(), seed: fc.nat(1000),
}).map(({ heads, extent: { rows, keys, dk, mask }, channels, isOpen, hasOperator, seed }) => {
  const [Head, Row, Key] = [along('head', heads, false), along('pos', rows, isOpen), along('key', keys, isOpen)];
  const [Dk, From, Channel] = [along('dk', dk, false), along('from', 8, false), along('channel', channels, false)];
  const q = hasOperator
    ? dot(given('q', Head, Row, From), given('G', Head, From, Dk), 'from')
    : given('q', Head, Row, Dk);
  const scores = map1(dot(q, given('k', Head, Key, Dk), 'dk'), (v) => v.mul(0.125));
  const seen = masked(scores, Row, Key, mask);
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

type Step = 'product' | 'gate' | 'sum' | 'norm';

/** A net that makes rows of the same rows: products with small matrices, gates, norms, and sums with what was before. */
const rowNets: fc.Arbitrary<GivenGraph> = fc.record({
  heads: fc.integer({ min: 2, max: 3 }), rows: fc.constantFrom(64, 72, 60), width: fc.constantFrom(4, 6, 8, 17),
  inner: fc.constantFrom(4, 5, 16, 33), seed: fc.nat(1000),
  steps: fc.array(fc.constantFrom<Step[]>('product', 'gate', 'sum', 'norm'), { minLength: 1, maxLength: 5 }),
}).map(({ heads, rows, width, inner, steps, seed }) => {
  const [Head, Row] = [along('head', heads, false), along('row', rows, false)];
  const [Col, Inner] = [along('col', width, false), along('inner', inner, false)];
  const there = (x: Node, name: string): Node => dot(x, weight(name, Inner, Col), 'col');
  const start = given('x', Head, Row, Col);
  const end = steps.reduce<Node>((x, step, i) => {
    switch (step) {
      case 'sum': return add(x, start);
      case 'product': return add(dot(there(x, `w${i}`), weight(`v${i}`, Col, Inner), 'inner'), x);
      case 'gate': return dot(mul(there(x, `a${i}`), there(x, `b${i}`)), weight(`c${i}`, Col, Inner), 'inner');
      case 'norm': {
        const centred = sub(x, map1(reduce('sum', x, 'col'), (v) => v.div(width)));
        const spread = map1(reduce('sum', mul(centred, centred), 'col'), (v) => v.div(width).add(0.1).sqrt());
        return mul(div(centred, spread), weight(`gain${i}`, Col));
      }
    }
  }, start);
  return { outputs: [end], env: environmentFor([end], seed, {}) };
});

/** Products of matrices, normalised rows and attention, each a few tiles large. Shrinks to single rows and columns. */
export const tiledGraphs: fc.Arbitrary<GivenGraph> = fc.oneof(products, normed, attention, rowNets);
