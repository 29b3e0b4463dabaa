import type { ExprBuilder } from './builder.ts';
import { operands } from './builder.ts';
import { applyOp, isBoolean } from './expr.ts';
import type { ScalarOp, UnaryOp } from './expr.ts';

/**
 * How far a rewrite keeps its meaning on doubles: bit by bit; but for the sign of a zero; or within 4 units in the last
 * place.
 */
export type Law = 'exact' | 'sign-of-zero' | 'rounding';

/** Looks at operations that are there and adds simplified ones. */
export interface Rewriter {
  readonly builder: ExprBuilder;
  readonly emit: (op: ScalarOp) => number;
}

/** One algebraic identity; `apply` gives the position of the replacement, or nothing where the pattern is not met. */
export interface Rewrite {
  readonly name: string;
  readonly law: Law;
  readonly apply: (op: ScalarOp, to: Rewriter) => number | undefined;
}

const valueAt = (to: Rewriter, at: number): number | undefined => {
  const op = to.builder.at(at);
  return op.op === 'const' ? op.value : undefined;
};

/** The operand of a negation. */
const negated = (to: Rewriter, at: number): number | undefined => {
  const op = to.builder.at(at);
  return op.op === 'neg' ? op.a : undefined;
};

/** A condition that is known: a comparison of constants. Truth values have no constants of their own. */
function truthAt(to: Rewriter, at: number): boolean | undefined {
  const op = to.builder.at(at);
  if (!isBoolean(op) || !('b' in op)) return undefined;
  const [a, b] = [valueAt(to, op.a), valueAt(to, op.b)];
  return a === undefined || b === undefined ? undefined : applyOp(op.op, a, b) !== 0;
}

/** Expressions are plain JSON, which has neither infinities, NaN, nor a negative zero. */
const isPlain = (value: number): boolean => Number.isFinite(value) && !Object.is(value, -0);

function foldConstants(op: ScalarOp, to: Rewriter): number | undefined {
  if (op.op === 'arg' || op.op === 'const' || op.op === 'select' || isBoolean(op)) return undefined;
  const values = operands(op).map((at) => valueAt(to, at));
  const [a, b] = values;
  if (a === undefined || ('b' in op && b === undefined)) return undefined;
  const value = applyOp(op.op, a, b);
  return isPlain(value) ? to.emit({ op: 'const', value }) : undefined;
}

function identities(op: ScalarOp, to: Rewriter): number | undefined {
  if (op.op === 'mul' && valueAt(to, op.a) === 1) return op.b;
  if ((op.op === 'mul' || op.op === 'div' || op.op === 'pow') && valueAt(to, op.b) === 1) return op.a;
  if (op.op === 'sub' && valueAt(to, op.b) === 0) return op.a;
  if (op.op === 'pow' && valueAt(to, op.b) === 0) return to.emit({ op: 'const', value: 1 });
  return undefined;
}

/** -1 as a factor is a sign. */
function minusOne(op: ScalarOp, to: Rewriter): number | undefined {
  if (op.op === 'mul' && valueAt(to, op.a) === -1) return to.emit({ op: 'neg', a: op.b });
  if ((op.op === 'mul' || op.op === 'div') && valueAt(to, op.b) === -1) return to.emit({ op: 'neg', a: op.a });
  return undefined;
}

function signOfUnary(op: ScalarOp, to: Rewriter): number | undefined {
  if (op.op !== 'neg' && op.op !== 'abs' && op.op !== 'cos') return undefined;
  const inner = negated(to, op.a);
  if (inner === undefined) return undefined;
  return op.op === 'neg' ? inner : to.emit({ op: op.op, a: inner });
}

/** Signs move out of sums, where they turn addition into subtraction and back. */
function signsInSums(op: ScalarOp, to: Rewriter): number | undefined {
  if (op.op !== 'add' && op.op !== 'sub') return undefined;
  const [a, b] = [negated(to, op.a), negated(to, op.b)];
  if (b !== undefined) return to.emit({ op: op.op === 'add' ? 'sub' : 'add', a: op.a, b });
  return op.op === 'add' && a !== undefined ? to.emit({ op: 'sub', a: op.b, b: a }) : undefined;
}

/** Signs move out of products: into a constant factor, or before the whole. */
function signsInProducts(op: ScalarOp, to: Rewriter): number | undefined {
  if (op.op !== 'mul' && op.op !== 'div') return undefined;
  const [a, b] = [negated(to, op.a), negated(to, op.b)];
  if (a === undefined && b === undefined) return undefined;
  const rest = to.emit({ op: op.op, a: a ?? op.a, b: b ?? op.b });
  return a !== undefined && b !== undefined ? rest : to.emit({ op: 'neg', a: rest });
}

function sameOperands(op: ScalarOp): number | undefined {
  if (op.op === 'select') return op.then === op.else ? op.then : undefined;
  const idempotent = op.op === 'min' || op.op === 'max' || op.op === 'and' || op.op === 'or';
  return idempotent && op.a === op.b ? op.a : undefined;
}

/** What does nothing the second time. */
const ONCE: ReadonlySet<string> = new Set<UnaryOp>(['floor', 'ceil', 'round', 'toF16', 'abs']);

/** Rounding and taking the absolute value do nothing the second time. */
function twice(op: ScalarOp, to: Rewriter): number | undefined {
  if (!ONCE.has(op.op) || !('a' in op)) return undefined;
  const inner = to.builder.at(op.a).op;
  const whole = inner === 'floor' || inner === 'ceil' || inner === 'round' || inner === 'sign';
  return inner === op.op || (whole && op.op !== 'abs' && op.op !== 'toF16') ? op.a : undefined;
}

function knownConditions(op: ScalarOp, to: Rewriter): number | undefined {
  if (op.op === 'select') {
    const cond = truthAt(to, op.cond);
    return cond === undefined ? undefined : cond ? op.then : op.else;
  }
  if (op.op !== 'and' && op.op !== 'or') return undefined;
  const [a, b] = [truthAt(to, op.a), truthAt(to, op.b)];
  // `and` is its other operand where one is true, and its false operand where one is false; `or` the other way round.
  if (a !== undefined) return a === (op.op === 'and') ? op.b : op.a;
  if (b !== undefined) return b === (op.op === 'and') ? op.a : op.b;
  return undefined;
}

const OPPOSITE = { eq: 'ne', ne: 'eq' } as const;

/** `!` goes into equalities and chooses the other branch. Not into `<`: NaN is neither below nor at least anything. */
function negations(op: ScalarOp, to: Rewriter): number | undefined {
  const at = op.op === 'not' ? op.a : op.op === 'select' ? op.cond : undefined;
  if (at === undefined) return undefined;
  const cond = to.builder.at(at);
  if (op.op === 'select') {
    return cond.op === 'not' ? to.emit({ op: 'select', cond: cond.a, then: op.else, else: op.then }) : undefined;
  }
  if (cond.op === 'not') return cond.a;
  return cond.op === 'eq' || cond.op === 'ne' ? to.emit({ op: OPPOSITE[cond.op], a: cond.a, b: cond.b }) : undefined;
}

/** `not` of a known comparison becomes a known comparison, so that no condition without a value is left. */
function knownNot(op: ScalarOp, to: Rewriter): number | undefined {
  if (op.op !== 'not') return undefined;
  const truth = truthAt(to, op.a);
  if (truth === undefined) return undefined;
  const zero = to.emit({ op: 'const', value: 0 });
  return to.emit({ op: truth ? 'ne' : 'eq', a: zero, b: zero });
}

function zeroInSums(op: ScalarOp, to: Rewriter): number | undefined {
  if (op.op === 'add' && valueAt(to, op.a) === 0) return op.b;
  if (op.op === 'add' && valueAt(to, op.b) === 0) return op.a;
  if (op.op === 'sub' && valueAt(to, op.a) === 0) return to.emit({ op: 'neg', a: op.b });
  return undefined;
}

function negatedDifference(op: ScalarOp, to: Rewriter): number | undefined {
  if (op.op !== 'neg') return undefined;
  const inner = to.builder.at(op.a);
  return inner.op === 'sub' ? to.emit({ op: 'sub', a: inner.b, b: inner.a }) : undefined;
}

/** Small whole powers are products, which WGSL's `pow` (undefined for a negative base) could not give. */
function wholePowers(op: ScalarOp, to: Rewriter): number | undefined {
  if (op.op !== 'pow') return undefined;
  const x = op.a;
  const exponent = valueAt(to, op.b);
  if (exponent === -1) return to.emit({ op: 'div', a: to.emit({ op: 'const', value: 1 }), b: x });
  if (exponent !== 2 && exponent !== 3 && exponent !== 4) return undefined;
  const square = to.emit({ op: 'mul', a: x, b: x });
  return exponent === 2 ? square : to.emit({ op: 'mul', a: square, b: exponent === 3 ? x : square });
}

/** Tried in order on every operation whose operands are simple already. */
export const REWRITES: readonly Rewrite[] = [
  { name: 'fold constants', law: 'exact', apply: foldConstants },
  { name: 'x * 1, x / 1, x ** 1, x - 0, x ** 0', law: 'exact', apply: identities },
  { name: 'x * -1', law: 'exact', apply: minusOne },
  { name: '-(-x), abs(-x), cos(-x)', law: 'exact', apply: signOfUnary },
  { name: 'x + -y, x - -y', law: 'exact', apply: signsInSums },
  { name: '-x * y, x / -y', law: 'exact', apply: signsInProducts },
  { name: 'min(x, x), c ? x : x', law: 'exact', apply: sameOperands },
  { name: 'floor(floor(x))', law: 'exact', apply: twice },
  { name: 'known condition', law: 'exact', apply: knownConditions },
  { name: 'not of a known condition', law: 'exact', apply: knownNot },
  { name: '!(x === y), !c ? x : y', law: 'exact', apply: negations },
  { name: 'x + 0, 0 - x', law: 'sign-of-zero', apply: zeroInSums },
  { name: '-(x - y)', law: 'sign-of-zero', apply: negatedDifference },
  { name: 'x ** 2', law: 'rounding', apply: wholePowers },
];
