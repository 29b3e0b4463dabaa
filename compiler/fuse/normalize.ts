import { op, reduce, type Expr, type ReduceExpr } from '../expr/expr.ts';
import { mapExpr } from '../expr/rewrite.ts';

/**
 * Moves factors that do not vary along a sum out of it: Σₖ c·f(k) = c·Σₖ f(k), and the same for quotients. Afterwards a
 * softmax-weighted contraction Σₖ (e^(s−m)/l)·v reads (Σₖ e^(s−m)·v)/l, whatever way it was written.
 */
export function normalize(e: Expr): Expr {
  return mapExpr(e, (x) => (x.kind === 'reduce' && x.monoid === 'sum' ? pullFactors(x) : x));
}

/** A product as what is multiplied and what divides. */
export interface Factors {
  readonly over: readonly Expr[];
  readonly under: readonly Expr[];
}

export function factorsOf(e: Expr): Factors {
  if (e.kind !== 'op' || (e.op !== 'mul' && e.op !== 'div')) return { over: [e], under: [] };
  const [a, b] = e.args.map(factorsOf);
  return e.op === 'mul'
    ? { over: [...a.over, ...b.over], under: [...a.under, ...b.under] }
    : { over: [...a.over, ...b.under], under: [...a.under, ...b.over] };
}

const productOf = (xs: readonly Expr[]): Expr | undefined =>
  xs.length === 0 ? undefined : xs.reduce((a, b) => op('mul', [a, b]));

function pullFactors(e: ReduceExpr): Expr {
  const { over, under } = factorsOf(e.body);
  const varies = (x: Expr): boolean => x.free.has(e.v.name);
  if (over.every(varies) && under.every(varies)) return e;
  const inside = over.filter(varies);
  // A sum of a constant stays a sum: the count may be a symbolic size.
  if (inside.length === 0) return e;
  const below = productOf(under.filter(varies));
  const product = inside.reduce((a, b) => op('mul', [a, b]));
  const body = below === undefined ? product : op('div', [product, below]);
  const total: Expr = reduce('sum', e.v, e.extent, body);
  const scale = productOf(over.filter((x) => !varies(x)));
  const scaled = scale === undefined ? total : op('mul', [total, scale]);
  const divisor = productOf(under.filter((x) => !varies(x)));
  return divisor === undefined ? scaled : op('div', [scaled, divisor]);
}
