export { evaluate } from './expr.ts';
export type { BinaryOp, ScalarExpr, ScalarOp, UnaryOp } from './expr.ts';
export {
  abs, ceil, cos, exp, floor, log, max, min, pow, round, select, sign, sin, sqrt, tanh, toF16, trunc,
} from './math.ts';
export { scalar } from './scalar.ts';
export type { NumberFunction, ScalarFn } from './scalar-fn.ts';
export { Condition, Scalar, traced } from './traced.ts';
export { derivative } from './derivative.ts';
export { simplify } from './simplify.ts';
export { print } from './print.ts';
