import { axisNamed, maxOf } from '../../../dsl/axis.ts';
import type { Monoid, Node } from '../../../dsl/node.ts';
import { makeGather, makeScatterAdd } from '../../../dsl/nodes/indexing.ts';
import { makeInput, makeIota, makeRandom, makeTable } from '../../../dsl/nodes/leaves.ts';
import { makeCache, makeFreeze } from '../../../dsl/nodes/staging.ts';
import { makeQuantize } from '../../../dsl/nodes/quantize.ts';
import { makeStopGradient } from '../../../dsl/nodes/stop-gradient.ts';
import { makeConcat, makeMerge, makePad, makeSlice, makeSplit } from '../../../dsl/nodes/views.ts';
import { dot, map1, mapExpr, NOWHERE, number, reduce, rename } from './ops.ts';
import { at, fits, isFixed, type Pool } from './pool.ts';
import { scalarExpr, type ScalarStep } from './scalars.ts';

/** Free choices of one step; each step takes them as it likes, so that all steps shrink alike. */
export interface Choices {
  readonly p: number;
  readonly q: number;
  readonly r: number;
  readonly k: number;
  readonly scalar: readonly ScalarStep[];
}

/** What a step adds to the pool: nothing where the pool holds no operands for it. */
export type Step = (pool: Pool, c: Choices) => Node | undefined;

const MONOIDS: readonly Monoid[] = ['sum', 'max', 'min', 'prod'];

/** A subset of the graph's axes by bits, in an order that the bits turn. */
function chosenAxes(pool: Pool, bits: number, turn: number) {
  const chosen = pool.axes.filter((_, i) => (bits >> i) % 2 === 1);
  const start = chosen.length === 0 ? 0 : turn % chosen.length;
  const axes = [...chosen.slice(start), ...chosen.slice(0, start)];
  return fits(axes) ? axes : axes.slice(0, 1);
}

const inputStep: Step = (pool, c) => makeInput(pool.freshName('in'), chosenAxes(pool, c.p, c.q), 'f32', NOWHERE);

/** Named like an axis: the two are different things in a kernel. */
const namesakeStep: Step = (pool, c) => {
  const axis = at(pool.axes, c.q);
  const taken = axis === undefined || pool.nodes.some((n) => n.kind === 'input' && n.name === axis.name);
  return taken ? undefined : makeInput(axis.name, chosenAxes(pool, c.p, c.r), 'f32', NOWHERE);
};

const indexInput: Step = (pool, c) => makeInput(pool.freshName('ids'), chosenAxes(pool, c.p, c.q), 'i32', NOWHERE);

const tableStep: Step = (pool, c) => {
  const axes = chosenAxes(pool, c.p, c.q).filter(isFixed);
  const count = axes.reduce((n, a) => n * maxOf(a.size), 1);
  const data = Float64Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i + c.k)));
  return makeTable(data, axes, 'f32', NOWHERE);
};

const unaryMap: Step = (pool, c) => {
  const x = pool.pick(c.p);
  return x && mapExpr(scalarExpr(1, c.scalar), [x]);
};

const binaryMap: Step = (pool, c) => {
  const x = pool.pick(c.p);
  const y = x && pool.pickWith(x, c.q);
  return x && y && mapExpr(scalarExpr(2, c.scalar), [x, y]);
};

const mapToInt: Step = (pool, c) => {
  const x = pool.pick(c.p);
  return x && mapExpr(scalarExpr(1, c.scalar), [x], 'i32');
};

const reduceStep: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.length > 0);
  const over = x && at(x.axes, c.q);
  return x && over && reduce(MONOIDS[c.r % MONOIDS.length], x, over.name);
};

const dotStep: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.length > 0);
  const over = x && at(x.axes, c.q);
  const y = x && over && pool.pickWith(x, c.r, (n) => axisNamed(n.axes, over.name) !== undefined);
  return x && y && over && dot(x, y, over.name);
};

/** To a fresh name, or to another axis of the graph of that size. */
const renameStep: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.length > 0);
  const from = x && at(x.axes, c.q);
  if (x === undefined || from === undefined) return undefined;
  const others = pool.axes.filter((a) => a.size === from.size && axisNamed(x.axes, a.name) === undefined);
  return rename(x, from.name, at(others, c.r) ?? pool.freshAxis(from.size));
};

const splitStep: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.some(isFixed) && n.axes.length < 4);
  const from = x && at(x.axes.filter(isFixed), c.q);
  if (x === undefined || from === undefined) return undefined;
  const size = maxOf(from.size);
  const inner = at([1, 2, 3, 4, size].filter((d) => size % d === 0), c.r) ?? 1;
  return makeSplit(x, from.name, pool.freshAxis(size / inner), pool.freshAxis(inner), NOWHERE);
};

const mergeStep: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.filter(isFixed).length > 1);
  const fixed = x?.axes.filter(isFixed) ?? [];
  const outer = at(fixed, c.q);
  const inner = at(fixed.filter((a) => a !== outer), c.r);
  if (x === undefined || outer === undefined || inner === undefined) return undefined;
  return makeMerge(x, outer.name, inner.name, pool.freshAxis(maxOf(outer.size) * maxOf(inner.size)), NOWHERE);
};

const sliceStep: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.some(isFixed));
  const axis = at(x?.axes.filter(isFixed) ?? [], c.q);
  if (x === undefined || axis === undefined) return undefined;
  const start = c.r % maxOf(axis.size);
  const cut = makeSlice(x, axis.name, start, 1 + (c.p % (maxOf(axis.size) - start)), NOWHERE);
  return rename(cut, axis.name, pool.freshAxis(cut.axis.size));
};

const padStep: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.some(isFixed));
  const axis = at(x?.axes.filter(isFixed) ?? [], c.q);
  if (x === undefined || axis === undefined) return undefined;
  const value = x.dtype === 'i32' ? Math.trunc(c.k) : c.k;
  const more = makePad(x, axis.name, c.r % 3, c.p % 3, value, NOWHERE);
  return rename(more, axis.name, pool.freshAxis(more.axis.size));
};

/** Several operands along one axis: a stack where they lack it, one after the other where they have it. */
const concatStep: Step = (pool, c) => {
  const x = pool.pick(c.p);
  if (x === undefined) return undefined;
  const same = (n: Node): boolean => n.dtype === x.dtype && n.axes.length === x.axes.length;
  const others = [pool.pickWith(x, c.q, same) ?? x, pool.pickWith(x, c.r, same) ?? x];
  const xs = [x, ...others.filter((y) => y.axes.every((a) => axisNamed(x.axes, a.name) !== undefined))];
  const along = c.k > 0 ? at(x.axes.filter(isFixed), c.q) : undefined;
  const joined = makeConcat(xs, along?.name ?? pool.freshName('stack'), NOWHERE);
  return along === undefined ? joined : rename(joined, along.name, pool.freshAxis(joined.axis.size));
};

const isIndex = (n: Node): boolean => n.dtype === 'i32';

const gatherStep: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.length > 0);
  const axis = x && at(x.axes, c.q);
  const index = x && axis && pool.pickWith(x, c.r, (n) => isIndex(n) && axisNamed(n.axes, axis.name) === undefined);
  return x && axis && makeGather(x, axis.name, index ?? number(Math.trunc(c.k), 'i32'), NOWHERE);
};

const scatterStep: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.length > 0);
  const over = x && at(x.axes, c.q);
  const index = x && over && pool.pickWith(x, c.r, (n) => isIndex(n) && axisNamed(n.axes, over.name) !== undefined);
  return x && over && index && makeScatterAdd(x, index, over.name, pool.freshAxis(1 + (c.p % 7)), NOWHERE);
};

const freezeStep: Step = (pool, c) => {
  const x = pool.pick(c.p);
  return x && makeFreeze(x, pool.freshName('frozen'), NOWHERE);
};

const stopStep: Step = (pool, c) => {
  const x = pool.pick(c.p);
  return x && makeStopGradient(x, NOWHERE);
};

/** Within what a binary16 holds. */
const halfStep: Step = (pool, c) => {
  const x = pool.pick(c.p);
  return x && makeQuantize(map1(x, (v) => v.max(-9e3).min(9e3)), 'f16', NOWHERE);
};

const cacheStep: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.length > 0);
  const from = x && at(x.axes, c.q);
  return x && from && makeCache(x, from.name, pool.freshAxis(from.size), pool.freshName('kept'), NOWHERE);
};

/** Every kind of node, the simplest first: shrinking goes up this list. */
export const PRIMITIVES: readonly Step[] = [
  inputStep,
  (pool, c) => pool.weight(chosenAxes(pool, c.p, c.q)),
  unaryMap, binaryMap, dotStep, reduceStep, renameStep,
  (_pool, c) => number(c.k),
  (pool, c) => { const a = at(pool.axes, c.p); return a && makeIota(a, NOWHERE); },
  (pool, c) => makeRandom(c.r, chosenAxes(pool, c.p, c.q), NOWHERE),
  tableStep, namesakeStep, indexInput, mapToInt,
  splitStep, mergeStep, sliceStep, padStep, concatStep, gatherStep, scatterStep, freezeStep, cacheStep,
  stopStep, halfStep,
];
