import { applyOp, type BinaryOp, type ScalarExpr, type UnaryOp } from '../../../dsl/scalar/expr.ts';
import { bounded, carriedBy, exact, rounded, U, type Bounded } from './number.ts';

/*
 * How exact each operation is: "Accuracy of Concrete Floating Point Expressions" in the WGSL specification. A correctly
 * rounded operation errs by half a unit. Truth values are 0 and 1; one that the errors could turn has the error 1.
 */

/** Units in the last place of our e^x: 2; as many more for the second factor of an online softmax's powers. */
const EXP_ULPS = 4;

export function unaryBound(op: UnaryOp, a: Bounded, u: number): Bounded {
  const f = (x: number): number => applyOp(op, x);
  const value = f(a.value);
  switch (op) {
    case 'neg': case 'abs': case 'floor': case 'ceil': case 'round': case 'sign':
      return bounded(value, carriedBy(f, a));
    // A rounding is monotone: the farthest results are those of the farthest arguments.
    case 'toF16': return bounded(value, Math.max(f(a.value + a.error) - value, value - f(a.value - a.error)));
    case 'not': return bounded(value, a.error === 0 ? 0 : 1);
    case 'exp': return rounded(u, value, carriedBy(f, a), EXP_ULPS);
    case 'sqrt': return rounded(u, value, carriedBy((x) => Math.sqrt(Math.max(x, 0)), a), 5);
    case 'log':
      if (a.value - a.error <= 0) return bounded(value, Infinity);
      return rounded(u, value, carriedBy(f, a), 3, 2 ** -21);
    case 'tanh': return rounded(u, value, carriedBy(f, a), 1, 1e-5);
    // WGSL states their accuracy within one turn only.
    case 'sin': case 'cos': {
      const stated = Math.abs(a.value) + a.error <= Math.PI;
      return stated ? rounded(u, value, Math.min(2, a.error), 0, 2 ** -11) : bounded(value, Infinity);
    }
  }
}

export function binaryBound(op: BinaryOp, a: Bounded, b: Bounded, u: number): Bounded {
  const value = applyOp(op, a.value, b.value);
  const sum = a.error + b.error;
  switch (op) {
    case 'add': case 'sub': return rounded(u, value, sum, 0.5);
    case 'mul': return rounded(u, value, productError(a, b), 0.5);
    case 'div': return rounded(u, value, quotientError(a, b, value), 2.5);
    case 'min': case 'max': return bounded(value, Math.max(a.error, b.error));
    case 'mod': return remainderBound(u, a, b, value);
    case 'pow': return powerBound(u, a, b, value);
    case 'and': case 'or': return truth(value, settled(op, a, b));
    case 'lt': case 'le': case 'gt': case 'ge': case 'eq': case 'ne':
      return truth(value, sum === 0 || Math.abs(a.value - b.value) > sum);
  }
}

const truth = (value: number, certain: boolean): Bounded => ({ value, error: certain ? 0 : 1 });

function settled(op: 'and' | 'or', a: Bounded, b: Bounded): boolean {
  if (a.error === 0 && b.error === 0) return true;
  const decides = op === 'and' ? 0 : 1;
  return [a, b].some((x) => x.error === 0 && x.value === decides);
}

/** |a|·eb + |b|·ea + ea·eb, where nothing times any error is nothing. */
export const productError = (a: Bounded, b: Bounded): number =>
  times(Math.abs(a.value), b.error) + times(Math.abs(b.value), a.error) + times(a.error, b.error);

const times = (x: number, y: number): number => (x === 0 || y === 0 ? 0 : x * y);

function quotientError(a: Bounded, b: Bounded, value: number): number {
  const least = Math.abs(b.value) - b.error;
  return least <= 0 ? Infinity : (a.error + times(Math.abs(value), b.error)) / least;
}

/** a − b·trunc(a/b): exact steps besides the quotient's; near a whole quotient the result may miss by one divisor. */
function remainderBound(u: number, a: Bounded, b: Bounded, value: number): Bounded {
  const quotient = a.value / b.value;
  const reach = rounded(u, quotient, quotientError(a, b, quotient), 2.5).error;
  const whole = Math.trunc(quotient);
  const certain = Math.trunc(quotient - reach) === whole && Math.trunc(quotient + reach) === whole;
  const product = rounded(u, whole * b.value, times(Math.abs(whole), b.error), 0.5);
  const carried = a.error + product.error + (certain ? 0 : Math.abs(b.value) + b.error);
  return rounded(u, value, carried, 0.5);
}

/** The kernels' own power keeps 4 units (see `helpers.ts`); it is monotone in each argument for positive bases. */
function powerBound(u: number, a: Bounded, b: Bounded, value: number): Bounded {
  if (a.error === 0 && b.error === 0) return rounded(u, value, 0, 4);
  if (a.value - a.error <= 0) return bounded(value, Infinity);
  const corners = [-1, 1].flatMap((s) => [-1, 1].map((t) => Math.pow(a.value + s * a.error, b.value + t * b.error)));
  return rounded(u, value, Math.max(...corners.map((c) => Math.abs(c - value))), 4);
}

/** One of two values: both count where the condition may turn. */
function selectBound(condition: Bounded, a: Bounded, b: Bounded): Bounded {
  const value = applyOp('select', condition.value, a.value, b.value);
  if (condition.error === 0) return condition.value !== 0 ? a : b;
  return bounded(value, Math.abs(a.value - b.value) + Math.max(a.error, b.error));
}

/** A scalar function with errors carried along, in an arithmetic of the rounding unit `u`. */
export function evaluateBound(fn: ScalarExpr, args: readonly Bounded[], u: number): Bounded {
  const values: Bounded[] = [];
  for (const o of fn.ops) {
    if (o.op === 'arg') values.push(args[o.index]);
    else if (o.op === 'const') values.push(held(o.value, u));
    else if (o.op === 'select') values.push(selectBound(values[o.cond], values[o.then], values[o.else]));
    else if ('b' in o) values.push(binaryBound(o.op, values[o.a], values[o.b], u));
    else values.push(unaryBound(o.op, values[o.a], u));
  }
  return values[fn.result];
}

/** A constant as the arithmetic holds it. */
export function held(value: number, u: number): Bounded {
  return u < U ? exact(value) : bounded(value, Math.abs(Math.fround(value) - value));
}
