import { axisNamed, type Axis } from '../axis.ts';
import type { Node } from '../node.ts';
import { makeConstant, makeIota } from '../nodes/leaves.ts';
import { makeMap } from '../nodes/pointwise.ts';
import type { Origin } from '../place.ts';
import type { ScalarExpr } from '../scalar/expr.ts';

/*
 * An adjoint may lack axes of the value that it belongs to: it is constant along them, and stays small. Some operations
 * need the axes to be there.
 */

/** The argument of that index, whatever the others are: their axes are what counts. */
const argument = (index: number, arity: number): ScalarExpr => ({ arity, ops: [{ op: 'arg', index }], result: 0 });

const zero = (arity: number): ScalarExpr => ({ arity, ops: [{ op: 'const', value: 0 }], result: 0 });

/** The value with the axes that it lacks of those given, repeated along them. */
export function expand(x: Node, axes: readonly Axis[], origin: Origin): Node {
  const lacking = axes.filter((a) => axisNamed(x.axes, a.name) === undefined);
  if (lacking.length === 0) return x;
  return makeMap(argument(0, lacking.length + 1), [x, ...lacking.map((a) => makeIota(a, origin))], 'f32', origin);
}

/** Zeros over the axes, in their order. */
export function zeros(axes: readonly Axis[], origin: Origin): Node {
  if (axes.length === 0) return makeConstant(0, 'f32', origin);
  return makeMap(zero(axes.length), axes.map((a) => makeIota(a, origin)), 'f32', origin);
}

/** The value over exactly these axes in their order, of which it may lack some. */
export function inOrder(x: Node, axes: readonly Axis[], origin: Origin): Node {
  if (x.axes.map((a) => a.name).join() === axes.map((a) => a.name).join()) return x;
  // The axes of a map are those of the first operand that has all of them.
  return makeMap(argument(1, 2), [zeros(axes, origin), x], 'f32', origin);
}

/** Whether the value's axes, as far as they are among these, come in their order. */
export function isInOrder(x: Node, axes: readonly Axis[]): boolean {
  const places = x.axes.map((a) => axes.findIndex((l) => l.name === a.name)).filter((at) => at >= 0);
  return places.every((at, i) => i === 0 || places[i - 1] < at);
}
