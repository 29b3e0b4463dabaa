import { axisNamed, maxOf, type Axis } from '../../../dsl/axis.ts';
import type { Node } from '../../../dsl/node.ts';
import { makeGather } from '../../../dsl/nodes/indexing.ts';
import { makeIota } from '../../../dsl/nodes/leaves.ts';
import { makeConcat, makeMerge, makeSplit } from '../../../dsl/nodes/views.ts';
import { Scalar } from '../../../dsl/scalar/traced.ts';
import {
  add, div, dot, exp, map1, map2, mapExpr, mul, NOWHERE, number, reduce, rename, sub, whereAtMost,
} from './ops.ts';
import { agree, at, fits, isFixed, union, type Pool } from './pool.ts';
import { scalarExpr } from './scalars.ts';
import type { Choices, Step } from './steps.ts';

/*
 * Steps that write the shapes which fusion looks for, in several ways of writing them, over whatever the pool holds.
 */

/** e^(x − max x) along one axis, and its total. */
function exponentials(x: Node, over: string): { readonly powers: Node; readonly total: Node } {
  const powers = exp(sub(x, reduce('max', x, over)));
  return { powers, total: reduce('sum', powers, over) };
}

function softmax(x: Node, over: string): Node {
  const { powers, total } = exponentials(x, over);
  return div(powers, total);
}

/** Scores hidden where the one index exceeds the other, as a causal mask does. */
function masked(x: Node, over: Axis, c: Choices): Node {
  const other = at(x.axes.filter((a) => a.name !== over.name), c.r);
  if (other === undefined || c.q % 2 === 0) return x;
  return whereAtMost(makeIota(over, NOWHERE), makeIota(other, NOWHERE), x, [-1e9, -1e4, 0][c.p % 3]);
}

/** The same weighted mean in three spellings: Σ softmax·v, (Σ e·v)/Σ e, Σ v·(e/Σ e). */
function weighted(scores: Node, v: Node, over: string, way: number): Node {
  const { powers, total } = exponentials(scores, over);
  if (way % 3 === 0) return dot(div(powers, total), v, over);
  if (way % 3 === 1) return div(dot(powers, v, over), total);
  return reduce('sum', mul(v, div(powers, total)), over);
}

/** A softmax of anything along any axis, as weights of anything. */
const weightedMean: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.length > 0);
  const over = x && at(x.axes, c.q);
  const v = x && over && pool.pickWith(x, c.r, (n) => axisNamed(n.axes, over.name) !== undefined);
  return x && v && over && weighted(masked(x, over, c), v, over.name, c.r);
};

/** softmax(q·kᵀ)·v with queries, keys and values made from one value. */
const attention: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.length >= 2);
  const pos = x && at(x.axes, c.q);
  const inner = at(x?.axes.filter((a) => a !== pos) ?? [], c.r);
  if (x === undefined || pos === undefined || inner === undefined) return undefined;
  const key = pool.freshAxis(pos.size);
  const keys = rename(x, pos.name, key);
  if (!fits([...x.axes, key])) return undefined;
  const scores = mul(dot(x, keys, inner.name), number(1 / Math.sqrt(maxOf(inner.size))));
  const hidden = c.p % 2 === 0 ? scores : whereAtMost(makeIota(key, NOWHERE), makeIota(pos, NOWHERE), scores, -1e9);
  return weighted(hidden, c.r % 2 === 0 ? keys : map1(keys, (v) => v.tanh()), key.name, c.q);
};

/** (x − mean)/√(variance + ε), and what is often done after it. */
const layerNorm: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.length > 0);
  const over = x && at(x.axes, c.q);
  if (x === undefined || over === undefined) return undefined;
  const count = countAlong(over);
  const mean = div(reduce('sum', x, over.name), count);
  const centred = sub(x, mean);
  const variance = div(reduce('sum', mul(centred, centred), over.name), count);
  const normed = map2(centred, variance, (a, v) => a.div(v.add(1e-2).sqrt()));
  const gain = pool.weight([over]);
  return gain === undefined ? normed : add(mul(normed, gain), gain);
};

/** The number of entries along an axis, also where that is a symbol. */
const countAlong = (over: Axis): Node => reduce('sum', map1(makeIota(over, NOWHERE), () => Scalar.of(1)), over.name);

const softmaxRows: Step = (pool, c) => {
  const x = pool.pick(c.p, (n) => n.axes.length > 0);
  const over = x && at(x.axes, c.q);
  if (x === undefined || over === undefined) return undefined;
  const hidden = masked(x, over, c);
  if (c.r % 2 === 0) return softmax(hidden, over.name);
  const { total } = exponentials(hidden, over.name);
  return sub(sub(hidden, reduce('max', hidden, over.name)), map1(total, (t) => t.log()));
};

interface Projected { readonly x: Node; readonly y: Node; readonly over: Axis; readonly to: Axis }

/** x·W along one of the axes of x, to a new axis, of the same size where none is given. */
function projected(pool: Pool, c: Choices, size?: number): Projected | undefined {
  const x = pool.pick(c.p, (n) => n.axes.some(isFixed));
  const over = at(x?.axes.filter(isFixed) ?? [], c.q);
  if (x === undefined || over === undefined) return undefined;
  const to = pool.freshAxis(size ?? over.size);
  const w = pool.weight(c.r % 2 === 0 ? [over, to] : [to, over]);
  const kept = x.axes.filter((a) => a !== over);
  return w === undefined || !fits([...kept, to]) ? undefined : { x, y: dot(x, w, over.name), over, to };
}

const SIZES = [4, 1, 3, 8, 17, 32];
const sizeFrom = (c: Choices): number => SIZES[(c.p + c.r) % SIZES.length];

/** A contraction with bias, activation and residual behind it. */
const epilogue: Step = (pool, c) => {
  const made = projected(pool, c, sizeFrom(c));
  if (made === undefined) return undefined;
  const bias = pool.weight([made.to]) ?? number(0.5);
  const active = mapExpr(scalarExpr(2, c.scalar), [made.y, bias]);
  const residual = pool.pickWith(active, c.q);
  return residual === undefined ? active : add(active, residual);
};

/** Several contractions of one operand, each kept as a value of its own. */
const siblings: Step = (pool, c) => {
  const made = [0, 1, 2].map(() => projected(pool, c, sizeFrom(c))?.y);
  made.slice(1).forEach((y) => { if (y !== undefined) pool.add(y); });
  return made[0];
};

/** The sum of two contractions, the one over an axis that the other one's result has. */
const sumOfTwo: Step = (pool, c) => {
  const one = projected(pool, c);
  const two = projected(pool, { ...c, p: c.r, q: c.q + (c.k > 0 ? 1 : 0) }, sizeFrom(c));
  if (one === undefined || two === undefined) return undefined;
  const turned = rename(one.y, one.to.name, one.over);
  return agree(turned, two.y) && fits(union(turned, two.y)) ? add(turned, two.y) : undefined;
};

/** silu(x·W)·(x·V). */
const gatedUnit: Step = (pool, c) => {
  const gate = projected(pool, c, sizeFrom(c));
  const up = projected(pool, c, sizeFrom(c));
  if (gate === undefined || up === undefined) return undefined;
  return map2(gate.y, rename(up.y, up.to.name, gate.to), (g, u) => g.div(g.neg().exp().add(1)).mul(u));
};

/** A projection seen as heads, worked on, and merged again. */
const mergedHeads: Step = (pool, c) => {
  const size = sizeFrom(c);
  const made = projected(pool, c, size * 2);
  if (made === undefined || made.y.axes.length > 3) return undefined;
  const [head, inner] = [pool.freshAxis(2), pool.freshAxis(size)];
  const heads = makeSplit(made.y, made.to.name, head, inner, NOWHERE);
  const worked = c.r % 2 === 0 ? softmax(heads, inner.name) : mapExpr(scalarExpr(1, c.scalar), [heads]);
  const [first, second] = c.q % 2 === 0 ? [head, inner] : [inner, head];
  const whole = makeMerge(worked, first.name, second.name, pool.freshAxis(size * 2), NOWHERE);
  return c.p % 2 === 0 ? whole : map1(whole, (v) => v.mul(0.5));
};

/** A rotation: two halves of an axis, turned against each other, stacked and merged. */
const rotation: Step = (pool, c) => {
  const even = (a: Axis): boolean => isFixed(a) && maxOf(a.size) % 2 === 0;
  const x = pool.pick(c.p, (n) => n.axes.some(even) && n.axes.length < 4);
  const axis = at(x?.axes.filter(even) ?? [], c.q);
  if (x === undefined || axis === undefined) return undefined;
  const [half, part] = [pool.freshAxis(2), pool.freshAxis(maxOf(axis.size) / 2)];
  const angle = mul(makeIota(part, NOWHERE), number(0.09));
  const [a, b] = [0, 1].map((i) => {
    const [outer, inner] = c.r % 2 === 0 ? [half, part] : [part, half];
    const pairs = makeSplit(x, axis.name, outer, inner, NOWHERE);
    return makeGather(pairs, half.name, number(i, 'i32'), NOWHERE);
  });
  const [cos, sin] = [map1(angle, (t) => t.cos()), map1(angle, (t) => t.sin())];
  const turned = [sub(mul(a, cos), mul(b, sin)), add(mul(a, sin), mul(b, cos))];
  const stacked = makeConcat(turned, half.name, NOWHERE);
  const order = c.r % 2 === 0 ? [half.name, part.name] : [part.name, half.name];
  return makeMerge(stacked, order[0], order[1], pool.freshAxis(maxOf(axis.size)), NOWHERE);
};

export const PATTERNS: readonly Step[] = [
  epilogue, softmaxRows, weightedMean, attention, layerNorm, siblings, sumOfTwo, gatedUnit, mergedHeads, rotation,
];
