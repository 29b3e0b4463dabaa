import { maxOf, type Axis, type Size } from '../../dsl/axis.ts';
import { extentAlong } from '../../dsl/nodes/views.ts';
import type { ConcatNode, MapNode, Node, QuantizeNode } from '../../dsl/node.ts';
import type { ScalarExpr } from '../../dsl/scalar/expr.ts';
import {
  cast, constF, constI, intExpr, load, op, randomAt, reduce, sizeExpr, variable, type Expr, type VarExpr,
} from '../expr/expr.ts';
import { clampIndex, iadd, idiv, imod, imul, rejoined } from '../expr/int.ts';
import { LARGEST, memoryStrides } from '../program.ts';
import { storageOf } from './cost.ts';

/** An index expression for every axis of a value, by axis name. */
export type Index = ReadonlyMap<string, Expr>;

/** Which values are in memory; everything else is computed where it is used. */
export interface Stored {
  has(node: Node): boolean;
  /** Values already inlined, by node and index: a graph shares, and its expression must share too. */
  readonly memo: Map<string, Expr>;
}

export const extentOf = (size: Size): Expr =>
  (typeof size === 'number' ? constI(size) : sizeExpr(size.symbol, size.max));

/** Where an entry of a stored value lies: the strides are numbers, whatever the run's sizes are. */
export const placeInMemory = (axes: readonly Axis[], index: Index): Expr =>
  rejoined(weighted(axes, index, memoryStrides(axes.map((a) => maxOf(a.size)))));

/** The number of an entry, row-major over the axes' largest sizes. */
const numberOfEntry = (axes: readonly Axis[], index: Index): Expr =>
  weighted(axes, index, axes.map((_, d) => axes.slice(d + 1).reduce((n, a) => n * maxOf(a.size), 1)));

const weighted = (axes: readonly Axis[], index: Index, strides: readonly number[]): Expr =>
  axes.reduceRight<Expr>((at, a, d) => iadd(at, imul(indexOf(index, a.name), strides[d])), constI(0));

function indexOf(index: Index, name: string): Expr {
  const e = index.get(name);
  if (e === undefined) throw new Error(`inline: no index for the axis "${name}"`);
  return e;
}

/**
 * The value of a node at one index as an expression: views become index arithmetic, maps become operations,
 * contractions and reductions become nested reductions, and stored values become loads. This is the whole of fusion;
 * `fuse` only decides what is stored.
 */
export function inline(node: Node, index: Index, stored: Stored): Expr {
  const own = new Map(node.axes.map((a) => [a.name, indexOf(index, a.name)]));
  if (stored.has(node)) return load(node.key, placeInMemory(node.axes, own), node.dtype, storageOf(node));
  const place = `${node.key}@${[...own.values()].map((e) => e.key).join()}`;
  const known = stored.memo.get(place);
  if (known !== undefined) return known;
  const value = expand(node, own, stored);
  stored.memo.set(place, value);
  return value;
}

/** As `inline`, for the node that is about to be stored itself. */
export function expand(node: Node, own: Index, stored: Stored): Expr {
  const at = (x: Node, changes: readonly (readonly [string, Expr])[] = []): Expr =>
    inline(x, new Map([...own, ...changes]), stored);
  switch (node.kind) {
    case 'input': case 'parameter': case 'table': case 'append':
      throw new Error(`inline: ${node.kind} is always stored`);
    case 'constant': return node.dtype === 'i32' ? constI(node.value) : constF(node.value);
    case 'iota': return indexOf(own, node.axis.name);
    case 'random': return randomAt(node.seed, numberOfEntry(node.axes, own));
    case 'map': return mapped(node, node.args.map((x) => cast(at(x), 'f32')));
    case 'quantize': return rounded(node, cast(at(node.x), 'f32'));
    case 'reduce': {
      if (node.over.size === 1) return at(node.x, [[node.over.name, constI(0)]]);
      const v = fresh(node.over, own);
      const term = cast(at(node.x, [[node.over.name, v]]), 'f32');
      return cast(reduce(node.monoid, v, extentOf(node.over.size), term), node.dtype);
    }
    case 'dot': {
      const v = node.over.size === 1 ? constI(0) : fresh(node.over, own);
      const [a, b] = [node.a, node.b].map((x) => cast(at(x, [[node.over.name, v]]), 'f32'));
      if (v.kind === 'const') return op('mul', [a, b]);
      return reduce(node.monoid, v, extentOf(node.over.size), op('mul', [a, b]));
    }
    case 'rename': case 'cache': return at(node.x, [[node.from.name, indexOf(own, node.to.name)]]);
    case 'freeze': case 'stopGradient': return at(node.x);
    case 'split': {
      const whole = iadd(imul(indexOf(own, node.outer.name), maxOf(node.inner.size)), indexOf(own, node.inner.name));
      return at(node.x, [[node.from.name, whole]]);
    }
    case 'merge': {
      const n = maxOf(node.inner.size);
      const whole = indexOf(own, node.to.name);
      return at(node.x, [[node.outer.name, idiv(whole, n)], [node.inner.name, imod(whole, n)]]);
    }
    case 'slice': return at(node.x, [[node.axis.name, iadd(indexOf(own, node.axis.name), constI(node.start))]]);
    case 'pad': return padded(node, own, at);
    case 'concat': return joined(node, own, at);
    case 'gather': {
      const chosen = clampDynamic(at(node.index), node.axis.size);
      return at(node.x, [[node.axis.name, chosen]]);
    }
    case 'scatterAdd': {
      const v = fresh(node.over, own);
      const hit = op('eq', [at(node.index, [[node.over.name, v]]), indexOf(own, node.to.name)]);
      const value = op('select', [hit, cast(at(node.x, [[node.over.name, v]]), 'f32'), constF(0)]);
      return cast(reduce('sum', v, extentOf(node.over.size), value), node.dtype);
    }
  }
}

function mapped(node: MapNode, args: readonly Expr[]): Expr {
  return cast(applyScalar(node.fn, args), node.dtype);
}

function rounded({ storage }: QuantizeNode, x: Expr): Expr {
  if (storage === 'f16') return op('toF16', [x]);
  const largest = LARGEST[storage];
  return op('min', [op('max', [op('round', [x]), constF(-largest)]), constF(largest)]);
}

/** A scalar function at given arguments. */
export function applyScalar(fn: ScalarExpr, args: readonly Expr[]): Expr {
  const values: Expr[] = [];
  for (const o of fn.ops) {
    if (o.op === 'arg') values.push(args[o.index]);
    else if (o.op === 'const') values.push(constF(o.value));
    else if (o.op === 'select') values.push(op('select', [values[o.cond], values[o.then], values[o.else]]));
    else if ('b' in o) values.push(op(o.op, [values[o.a], values[o.b]]));
    else values.push(op(o.op, [values[o.a]]));
  }
  return values[fn.result];
}

/**
 * A variable for a reduction, named by its axis with a mark that no dimension's name has: a total may be used where
 * another dimension of that name runs. Equal reductions get equal names (so that they are found to be equal); only a
 * name that the operand's own index already uses is avoided.
 */
function fresh(axis: Axis, own: Index): VarExpr {
  const taken = new Set([...own.values()].flatMap((e) => [...e.free]));
  let name = `+${axis.name}`;
  for (let i = 2; taken.has(name); i++) name = `+${axis.name}_${i}`;
  return variable(name, maxOf(axis.size));
}

function clampDynamic(index: Expr, size: Size): Expr {
  if (typeof size === 'number') return clampIndex(index, size);
  return intExpr('min', intExpr('max', index, constI(0)), iadd(sizeExpr(size.symbol, size.max), constI(-1)));
}

function padded(
  node: Extract<Node, { kind: 'pad' }>,
  own: Index,
  at: (x: Node, c: readonly (readonly [string, Expr])[]) => Expr,
): Expr {
  const inside = node.x.axes.find((a) => a.name === node.axis.name);
  const n = maxOf(inside?.size ?? 0);
  const shifted = iadd(indexOf(own, node.axis.name), constI(-node.before));
  const within = op('and', [op('ge', [shifted, constI(0)]), op('lt', [shifted, constI(n)])]);
  const value = cast(at(node.x, [[node.axis.name, clampIndex(shifted, n)]]), node.dtype);
  return op('select', [within, value, node.dtype === 'i32' ? constI(node.value) : constF(node.value)]);
}

/** The operand whose range holds the index; the others are read at a clamped place and not used. */
function joined(node: ConcatNode, own: Index, at: (x: Node, c: readonly (readonly [string, Expr])[]) => Expr): Expr {
  const whole = indexOf(own, node.axis.name);
  const extents = node.xs.map((x) => extentAlong(x, node.axis.name, node.origin));
  let start = extents.reduce((n, e) => n + e, 0);
  let result: Expr | undefined;
  for (let i = node.xs.length - 1; i >= 0; i--) {
    start -= extents[i];
    const value = at(node.xs[i], [[node.axis.name, clampIndex(iadd(whole, constI(-start)), extents[i])]]);
    result = result === undefined
      ? value
      : op('select', [op('lt', [whole, constI(start + extents[i])]), value, result]);
    if (whole.kind === 'const' && whole.value >= start) return value;
  }
  if (result === undefined) throw new Error('inline: an empty concat');
  return result;
}
