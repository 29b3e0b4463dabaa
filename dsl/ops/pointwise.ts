import type { DType, Node } from '../node.ts';
import { makeConstant } from '../nodes/leaves.ts';
import { makeMap } from '../nodes/pointwise.ts';
import { captureOrigin, type Origin } from '../place.ts';
import type { BinaryOp, ScalarExpr, UnaryOp } from '../scalar/expr.ts';
import { tensorOf, type AxesOf, type Operand, type Tensor } from '../tensor.ts';

/** Anything that carries a scalar function as data: what `scalar(…)` and `traced(…)` return. */
export interface HasScalarExpr {
  readonly expr: ScalarExpr;
}

/**
 * Applies a scalar function at every index, its arguments broadcast by axis name: `map(silu, x)`. Integers become
 * numbers on the way in; the result is f32.
 */
export function map<const T extends readonly Operand[]>(fn: HasScalarExpr, ...args: T): Tensor<AxesOf<T[number]>> {
  return apply(fn.expr, args, 'f32', captureOrigin());
}

/** As `map`, with an i32 result: indices and counts. */
export function mapInt<const T extends readonly Operand[]>(fn: HasScalarExpr, ...args: T): Tensor<AxesOf<T[number]>> {
  return apply(fn.expr, args, 'i32', captureOrigin());
}

function apply<A extends string>(fn: ScalarExpr, args: readonly Operand[], dtype: DType, origin: Origin): Tensor<A> {
  return tensorOf(makeMap(fn, args.map((a) => nodeOf(a, origin)), dtype, origin));
}

const nodeOf = (x: Operand, origin: Origin): Node => (typeof x === 'number' ? makeConstant(x, 'f32', origin) : x.node);

const unaryExpr = (op: UnaryOp): ScalarExpr => ({ arity: 1, ops: [{ op: 'arg', index: 0 }, { op, a: 0 }], result: 1 });

const binaryExpr = (op: BinaryOp): ScalarExpr => ({
  arity: 2,
  ops: [{ op: 'arg', index: 0 }, { op: 'arg', index: 1 }, { op, a: 0, b: 1 }],
  result: 2,
});

/** A comparison as a number, 1 or 0. */
const compareExpr = (op: BinaryOp): ScalarExpr => ({
  arity: 2,
  ops: [
    { op: 'arg', index: 0 }, { op: 'arg', index: 1 }, { op, a: 0, b: 1 },
    { op: 'const', value: 1 }, { op: 'const', value: 0 }, { op: 'select', cond: 2, then: 3, else: 4 },
  ],
  result: 5,
});

/** where(c, a, b): a where c is not 0, else b */
const whereExpr: ScalarExpr = {
  arity: 3,
  ops: [
    { op: 'arg', index: 0 }, { op: 'const', value: 0 }, { op: 'ne', a: 0, b: 1 },
    { op: 'arg', index: 1 }, { op: 'arg', index: 2 }, { op: 'select', cond: 2, then: 3, else: 4 },
  ],
  result: 5,
};

const identityExpr: ScalarExpr = { arity: 1, ops: [{ op: 'arg', index: 0 }], result: 0 };

type Unary = <const X extends Operand>(x: X) => Tensor<AxesOf<X>>;
type Binary = <const X extends Operand, const Y extends Operand>(x: X, y: Y) => Tensor<AxesOf<X> | AxesOf<Y>>;

const unary = (op: UnaryOp): Unary => (x) => apply(unaryExpr(op), [x], 'f32', captureOrigin());
const binary = (op: BinaryOp): Binary => (x, y) => apply(binaryExpr(op), [x, y], 'f32', captureOrigin());
const compare = (op: BinaryOp): Binary => (x, y) => apply(compareExpr(op), [x, y], 'f32', captureOrigin());

/** Arithmetic at every index, broadcast by axis name. */
export const add = binary('add');
export const sub = binary('sub');
export const mul = binary('mul');
export const div = binary('div');
export const pow = binary('pow');
export const maximum = binary('max');
export const minimum = binary('min');
export const neg = unary('neg');
export const exp = unary('exp');
export const log = unary('log');
export const sqrt = unary('sqrt');
export const sin = unary('sin');
export const cos = unary('cos');
export const tanh = unary('tanh');
export const abs = unary('abs');

/** Comparisons at every index: 1 where true, 0 where false. */
export const lessEqual = compare('le');
export const less = compare('lt');
export const equal = compare('eq');

/** `a` where `condition` is not 0, `b` elsewhere. */
export function where<const C extends Operand, const X extends Operand, const Y extends Operand>(
  condition: C, a: X, b: Y,
): Tensor<AxesOf<C> | AxesOf<X> | AxesOf<Y>> {
  return apply(whereExpr, [condition, a, b], 'f32', captureOrigin());
}

/** A number as an index, rounded towards zero. */
export function toInt<A extends string>(x: Tensor<A>): Tensor<A> {
  return apply(identityExpr, [x], 'i32', captureOrigin());
}
