import { RicciError } from '../errors.ts';
import { ExprBuilder, mapOperands } from './builder.ts';
import type { ScalarExpr, ScalarOp } from './expr.ts';
import { REWRITES } from './rewrites.ts';
import type { Rewriter } from './rewrites.ts';
import { simplifier, simplify } from './simplify.ts';

/** Derivative of one operation's value; nothing where it is zero whatever the arguments are. */
type Tangent = number | undefined;

interface Differentiation {
  readonly to: Rewriter;
  /** Tangents of the operations, by position. */
  readonly tangents: Map<number, Tangent>;
}

/**
 * Partial derivative with respect to one argument, as a simplified expression.
 *
 * Where the function has a corner the choice is: 0 for `abs` at 0; the second operand's derivative for `min` and
 * `max` of equal operands; 0 for the steps of `floor`, `ceil`, `round`, `toF16` and `sign`; conditions are taken as
 * constant.
 * A power `a ** b` has derivative 0 with respect to `b` at `a = 0` for `b >= 0` (the limit), and to `a` at `b = 0`.
 *
 * @throws RicciError `scalar/no-such-argument` when the function has no argument of that index
 */
export function derivative(expr: ScalarExpr, argument: number): ScalarExpr {
  if (!Number.isInteger(argument) || argument < 0 || argument >= expr.arity) throw noSuchArgument(expr, argument);
  const builder = new ExprBuilder(true);
  const d: Differentiation = { to: simplifier(builder), tangents: new Map() };
  // Whole powers stay powers here: their rule is shorter than that of the products they become.
  const simple = simplify(expr, REWRITES.filter((rewrite) => rewrite.law !== 'rounding'));
  const moved: number[] = [];
  for (const original of simple.ops) {
    const op = mapOperands(original, (at) => moved[at]);
    const at = builder.emit(op);
    moved.push(at);
    d.tangents.set(at, tangentOf(op, at, argument, d));
  }
  const tangent = d.tangents.get(moved[simple.result]) ?? builder.constant(0);
  return simplify(builder.finish(expr.arity, tangent));
}

function tangentOf(op: ScalarOp, at: number, argument: number, d: Differentiation): Tangent {
  switch (op.op) {
    case 'arg': return op.index === argument ? constant(d, 1) : undefined;
    case 'select': return selectTangent(op.cond, op.then, op.else, d);
    case 'add': return sum(d, tangentAt(d, op.a), tangentAt(d, op.b));
    case 'sub': return difference(d, tangentAt(d, op.a), tangentAt(d, op.b));
    case 'mul': return sum(d, product(d, tangentAt(d, op.a), op.b), product(d, tangentAt(d, op.b), op.a));
    case 'div': return quotientTangent(op.a, op.b, at, d);
    case 'pow': return sum(d, baseTangent(op.a, op.b, d), exponentTangent(op.a, op.b, at, d));
    case 'mod': return difference(d, tangentAt(d, op.a), product(d, tangentAt(d, op.b), wholeQuotient(op.a, op.b, d)));
    case 'min': return selectTangent(d.to.emit({ op: 'lt', a: op.a, b: op.b }), op.a, op.b, d);
    case 'max': return selectTangent(d.to.emit({ op: 'gt', a: op.a, b: op.b }), op.a, op.b, d);
    case 'neg': case 'abs': case 'exp': case 'log': case 'sqrt': case 'sin': case 'cos': case 'tanh':
      return chain(op.op, op.a, at, d);
    case 'const': case 'floor': case 'ceil': case 'round': case 'toF16': case 'sign':
    case 'not': case 'and': case 'or': case 'lt': case 'le': case 'gt': case 'ge': case 'eq': case 'ne':
      return undefined;
  }
}

const tangentAt = (d: Differentiation, at: number): Tangent => d.tangents.get(at);
const constant = (d: Differentiation, value: number): number => d.to.emit({ op: 'const', value });
const negate = (d: Differentiation, a: number): number => d.to.emit({ op: 'neg', a });
const times = (d: Differentiation, a: number, b: number): number => d.to.emit({ op: 'mul', a, b });

const sum = (d: Differentiation, a: Tangent, b: Tangent): Tangent =>
  (a === undefined || b === undefined ? a ?? b : d.to.emit({ op: 'add', a, b }));

function difference(d: Differentiation, a: Tangent, b: Tangent): Tangent {
  if (b === undefined) return a;
  return a === undefined ? negate(d, b) : d.to.emit({ op: 'sub', a, b });
}

const product = (d: Differentiation, tangent: Tangent, factor: number): Tangent =>
  (tangent === undefined ? undefined : times(d, tangent, factor));

function selectTangent(cond: number, then: number, otherwise: number, d: Differentiation): Tangent {
  const [a, b] = [tangentAt(d, then), tangentAt(d, otherwise)];
  if (a === undefined && b === undefined) return undefined;
  const zero = constant(d, 0);
  return d.to.emit({ op: 'select', cond, then: a ?? zero, else: b ?? zero });
}

type Smooth = 'neg' | 'abs' | 'exp' | 'log' | 'sqrt' | 'sin' | 'cos' | 'tanh';

/** f'(a) times the tangent of a, where `at` is the position of f(a). */
function chain(op: Smooth, a: number, at: number, d: Differentiation): Tangent {
  const inner = tangentAt(d, a);
  if (inner === undefined) return undefined;
  switch (op) {
    case 'neg': return negate(d, inner);
    case 'abs': return times(d, inner, d.to.emit({ op: 'sign', a }));
    case 'exp': return times(d, inner, at);
    case 'log': return d.to.emit({ op: 'div', a: inner, b: a });
    case 'sqrt': return d.to.emit({ op: 'div', a: inner, b: times(d, constant(d, 2), at) });
    case 'sin': return times(d, inner, d.to.emit({ op: 'cos', a }));
    case 'cos': return negate(d, times(d, inner, d.to.emit({ op: 'sin', a })));
    case 'tanh': return times(d, inner, d.to.emit({ op: 'sub', a: constant(d, 1), b: times(d, at, at) }));
  }
}

/** (a / b)' = a' / b - (a / b) (b' / b). */
function quotientTangent(a: number, b: number, at: number, d: Differentiation): Tangent {
  const [da, growth] = [tangentAt(d, a), relativeGrowth(b, d)];
  const first = da === undefined ? undefined : d.to.emit({ op: 'div', a: da, b });
  return difference(d, first, product(d, growth, at));
}

/**
 * b' / b. For `b = c + exp(u)`, as in a logistic function, this is `(1 - c / b) u'`: `exp(u)` may overflow to
 * infinity, and the plain form would then be infinity over infinity where the true value is `u'`.
 */
function relativeGrowth(b: number, d: Differentiation): Tangent {
  const tangent = tangentAt(d, b);
  if (tangent === undefined) return undefined;
  const logistic = exponentialPlusConstant(b, d);
  if (logistic === undefined) return d.to.emit({ op: 'div', a: tangent, b });
  const share = d.to.emit({ op: 'sub', a: constant(d, 1), b: d.to.emit({ op: 'div', a: logistic.constant, b }) });
  return product(d, tangentAt(d, logistic.exponent), share);
}

function exponentialPlusConstant(
  at: number, d: Differentiation,
): { readonly constant: number; readonly exponent: number } | undefined {
  const op = d.to.builder.at(at);
  if (op.op !== 'add') return undefined;
  for (const [c, e] of [[op.a, op.b], [op.b, op.a]]) {
    const power = d.to.builder.at(e);
    if (power.op === 'exp' && d.to.builder.at(c).op === 'const') return { constant: c, exponent: power.a };
  }
  return undefined;
}

/** b a ** (b - 1) a', with 0 at b = 0, where a = 0 would make 0 times infinity. */
function baseTangent(a: number, b: number, d: Differentiation): Tangent {
  const da = tangentAt(d, a);
  if (da === undefined) return undefined;
  const zero = constant(d, 0);
  const lower = d.to.emit({ op: 'pow', a, b: d.to.emit({ op: 'sub', a: b, b: constant(d, 1) }) });
  const slope = times(d, b, lower);
  const guarded = d.to.emit({
    op: 'select', cond: d.to.emit({ op: 'eq', a: b, b: zero }), then: zero, else: slope,
  });
  return times(d, da, guarded);
}

/** a ** b log(a) b', with its limit 0 at a = 0 for b >= 0, where the logarithm is infinite. */
function exponentTangent(a: number, b: number, at: number, d: Differentiation): Tangent {
  const db = tangentAt(d, b);
  if (db === undefined) return undefined;
  const zero = constant(d, 0);
  const flat = d.to.emit({
    op: 'and', a: d.to.emit({ op: 'eq', a, b: zero }), b: d.to.emit({ op: 'ge', a: b, b: zero }),
  });
  const slope = times(d, at, d.to.emit({ op: 'log', a }));
  return times(d, db, d.to.emit({ op: 'select', cond: flat, then: zero, else: slope }));
}

/** trunc(a / b): how often b goes into a, which is what `a % b` takes away. */
function wholeQuotient(a: number, b: number, d: Differentiation): number {
  const quotient = d.to.emit({ op: 'div', a, b });
  return d.to.emit({
    op: 'select',
    cond: d.to.emit({ op: 'lt', a: quotient, b: constant(d, 0) }),
    then: d.to.emit({ op: 'ceil', a: quotient }),
    else: d.to.emit({ op: 'floor', a: quotient }),
  });
}

const noSuchArgument = (expr: ScalarExpr, argument: number): RicciError => new RicciError({
  code: 'scalar/no-such-argument',
  message: `The scalar function has ${expr.arity} arguments; there is no argument ${argument} to differentiate by.`,
  hint: 'Arguments count from 0.',
});
