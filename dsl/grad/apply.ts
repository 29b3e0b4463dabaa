import type { Node } from '../node.ts';
import { makeConstant } from '../nodes/leaves.ts';
import { makeMap } from '../nodes/pointwise.ts';
import type { Origin } from '../place.ts';
import { ExprBuilder } from '../scalar/builder.ts';
import type { ScalarExpr, ScalarOp } from '../scalar/expr.ts';
import { simplify } from '../scalar/simplify.ts';
import { traced, type Scalar, type Times } from '../scalar/traced.ts';

/**
 * A scalar function of values in its simplest form: a value that is given twice is one argument, numbers are parts of
 * the function, and what the function does not use is not given. So the result may lack axes of `args`: it is constant
 * along them.
 */
export function apply(fn: ScalarExpr, args: readonly Node[], origin: Origin): Node {
  const builder = new ExprBuilder(true);
  const given = [...new Map(args.filter((x) => numberOf(x) === undefined).map((x) => [x.key, x])).values()];
  const positions = args.map((x) => {
    const value = numberOf(x);
    if (value !== undefined) return builder.constant(value);
    return builder.emit({ op: 'arg', index: given.findIndex((g) => g.key === x.key) });
  });
  return mapOf(simplify(builder.finish(given.length, builder.inline(fn, positions))), given, origin);
}

/** As `apply`, for a function that is written here. */
export const applied = <const T extends readonly Node[]>(
  args: T, fn: (...xs: Times<Scalar, T['length']>) => Scalar, origin: Origin,
): Node => apply(traced<T['length']>(args.length, fn).expr, args, origin);

export const multiply = (a: Node, b: Node, origin: Origin): Node => applied([a, b], (x, y) => x.mul(y), origin);

/** The value as a number, where it is one that a function can hold. */
export const numberOf = (x: Node): number | undefined =>
  (x.kind === 'constant' && Number.isFinite(x.value) ? x.value : undefined);

/** A map of the arguments that the function uses; no map where it is a number, or an argument itself. */
export function mapOf(fn: ScalarExpr, args: readonly Node[], origin: Origin): Node {
  const result = fn.ops[fn.result];
  if (result.op === 'const') return makeConstant(result.value, 'f32', origin);
  if (result.op === 'arg' && args[result.index].dtype === 'f32') return args[result.index];
  const reads = new Set(fn.ops.flatMap((op) => (op.op === 'arg' ? [op.index] : [])));
  const used = args.map((_, index) => index).filter((index) => reads.has(index));
  const move = (op: ScalarOp): ScalarOp => (op.op === 'arg' ? { op: 'arg', index: used.indexOf(op.index) } : op);
  const own: ScalarExpr = { arity: used.length, ops: fn.ops.map(move), result: fn.result };
  return makeMap(own, used.map((index) => args[index]), 'f32', origin);
}
