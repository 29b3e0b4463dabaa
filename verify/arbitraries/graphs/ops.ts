import type { Axis } from '../../../dsl/axis.ts';
import type { DType, Monoid, Node } from '../../../dsl/node.ts';
import { makeDot, makeReduce } from '../../../dsl/nodes/contraction.ts';
import { makeConstant } from '../../../dsl/nodes/leaves.ts';
import { makeMap } from '../../../dsl/nodes/pointwise.ts';
import { makeRename } from '../../../dsl/nodes/views.ts';
import type { Origin } from '../../../dsl/place.ts';
import { traced, type Scalar } from '../../../dsl/scalar/traced.ts';
import type { ScalarExpr } from '../../../dsl/scalar/expr.ts';

/** The language without its types: random graphs know their axes only when they run. */
export const NOWHERE: Origin = { place: undefined };

export const number = (value: number, dtype: DType = 'f32'): Node => makeConstant(value, dtype, NOWHERE);

export const mapExpr = (fn: ScalarExpr, args: readonly Node[], dtype: DType = 'f32'): Node =>
  makeMap(fn, args, dtype, NOWHERE);

export const map1 = (x: Node, fn: (x: Scalar) => Scalar): Node => mapExpr(traced(1, fn).expr, [x]);

export const map2 = (x: Node, y: Node, fn: (x: Scalar, y: Scalar) => Scalar): Node =>
  mapExpr(traced(2, fn).expr, [x, y]);

export const add = (x: Node, y: Node): Node => map2(x, y, (a, b) => a.add(b));
export const sub = (x: Node, y: Node): Node => map2(x, y, (a, b) => a.sub(b));
export const mul = (x: Node, y: Node): Node => map2(x, y, (a, b) => a.mul(b));
export const div = (x: Node, y: Node): Node => map2(x, y, (a, b) => a.div(b));
export const exp = (x: Node): Node => map1(x, (a) => a.exp());

/** `x` where a ≤ b, the number elsewhere. */
export const whereAtMost = (a: Node, b: Node, x: Node, otherwise: number): Node =>
  mapExpr(traced(3, (p, q, v) => p.le(q).select(v, otherwise)).expr, [a, b, x]);

export const dot = (x: Node, y: Node, over: string): Node => makeDot(x, y, over, NOWHERE);
export const reduce = (monoid: Monoid, x: Node, over: string): Node => makeReduce(monoid, x, over, NOWHERE);
export const rename = (x: Node, from: string, to: Axis): Node => makeRename(x, from, to, NOWHERE);
