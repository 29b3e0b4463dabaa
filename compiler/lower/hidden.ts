import { constI, type ConstExpr, type Expr, type ReduceExpr } from '../expr/expr.ts';
import { iadd } from '../expr/int.ts';

/*
 * What a mask hides: where a score is something else than a number only up to some index, all later entries of the
 * range score that number. What they weigh is known without computing a score. Numbers are finite: a condition like
 * `visible · (key ≤ position) ≠ 0` is taken to be false where a factor is zero, though the other may be ∞.
 */

export interface Hidden {
  /** The score of what is hidden. */
  readonly score: ConstExpr;
  /** No later entry of the range is seen. */
  readonly last: Expr;
}

/** Read off scores of the form `condition ? score : number` whose condition implies an index to be at most another. */
export function hiddenBy(max: ReduceExpr): Hidden | undefined {
  const { body, v } = max;
  if (body.kind !== 'op' || body.op !== 'select') return undefined;
  const [condition, , score] = body.args;
  const last = score.kind === 'const' ? lastSeen(condition, v.name) : undefined;
  return last === undefined || score.kind !== 'const' ? undefined : { score, last };
}

/** An index that the variable does not exceed where a condition holds. */
function lastSeen(condition: Expr, name: string): Expr | undefined {
  if (condition.kind !== 'op') return undefined;
  const [a, b] = condition.args;
  switch (condition.op) {
    case 'and': return lastSeen(a, name) ?? lastSeen(b, name);
    case 'ne': return isZero(b) ? lastNonZero(a, name) : undefined;
    case 'le': return atMost(a, b, name);
    case 'ge': return atMost(b, a, name);
    case 'lt': return below(atMost(a, b, name));
    case 'gt': return below(atMost(b, a, name));
    default: return undefined;
  }
}

/** The same where a number is not zero: a product is not where no factor is, and a choice where it is not the zero. */
function lastNonZero(e: Expr, name: string): Expr | undefined {
  if (e.kind !== 'op') return undefined;
  const [a, b, c] = e.args;
  if (e.op === 'mul') return lastNonZero(a, name) ?? lastNonZero(b, name);
  return e.op === 'select' && !isZero(b) && isZero(c) ? lastSeen(a, name) : undefined;
}

const isZero = (e: Expr): boolean => e.kind === 'const' && e.value === 0;

/** The right side, where the left one is the variable itself. */
function atMost(left: Expr, right: Expr, name: string): Expr | undefined {
  const [index, last] = [indexOf(left), indexOf(right)];
  return index?.kind === 'var' && index.name === name && last?.free.has(name) === false ? last : undefined;
}

/** An index, also where it is compared as a number: all indices are small enough for that. */
function indexOf(e: Expr): Expr | undefined {
  if (e.type === 'i32') return e;
  return e.kind === 'cast' && e.x.type === 'i32' ? e.x : undefined;
}

const below = (e: Expr | undefined): Expr | undefined => (e === undefined ? undefined : iadd(e, constI(-1)));
