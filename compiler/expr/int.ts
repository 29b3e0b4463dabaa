import { constI, intExpr, type Expr } from './expr.ts';

/**
 * Index arithmetic in normal form: a constant plus integer multiples of atoms. Merging an axis that was just split, or
 * slicing a concatenation, must vanish here: what stays in a kernel is only what the data's layout demands.
 */
interface Linear {
  readonly constant: number;
  readonly terms: ReadonlyMap<string, Term>;
}

/** An integer multiple of something that is no sum. */
export interface Term {
  readonly atom: Expr;
  readonly factor: number;
}

function linear(e: Expr): Linear {
  if (e.kind === 'const') return { constant: e.value, terms: new Map() };
  if (e.kind === 'int' && e.op === 'add') return sumOf(linear(e.a), linear(e.b));
  if (e.kind === 'int' && e.op === 'mul' && e.b.kind === 'const') return scaled(linear(e.a), e.b.value);
  return { constant: 0, terms: new Map([[e.key, { atom: e, factor: 1 }]]) };
}

/** An index as a constant and its multiples. */
export function termsOf(e: Expr): { readonly constant: number; readonly terms: readonly Term[] } {
  const { constant, terms } = linear(e);
  return { constant, terms: [...terms.values()] };
}

function sumOf(a: Linear, b: Linear): Linear {
  const terms = new Map(a.terms);
  for (const [key, t] of b.terms) {
    const factor = (terms.get(key)?.factor ?? 0) + t.factor;
    if (factor === 0) terms.delete(key);
    else terms.set(key, { atom: t.atom, factor });
  }
  return { constant: a.constant + b.constant, terms };
}

function scaled(a: Linear, by: number): Linear {
  if (by === 0) return { constant: 0, terms: new Map() };
  return {
    constant: a.constant * by,
    terms: new Map([...a.terms].map(([k, t]) => [k, { atom: t.atom, factor: t.factor * by }])),
  };
}

/** Back to an expression, in an order that depends on the value alone. */
function build(l: Linear): Expr {
  const terms = [...l.terms.values()].sort((x, y) => y.factor - x.factor || (x.atom.key < y.atom.key ? -1 : 1));
  const parts = terms.map((t): Expr => (t.factor === 1 ? t.atom : intExpr('mul', t.atom, constI(t.factor))));
  if (l.constant !== 0 || parts.length === 0) parts.push(constI(l.constant));
  return parts.reduce((a, b) => intExpr('add', a, b));
}

export const iadd = (a: Expr, b: Expr): Expr => build(sumOf(linear(a), linear(b)));
export const imul = (a: Expr, by: number): Expr => build(scaled(linear(a), by));

/**
 * n·⌊x/n⌋ + x mod n = x: two axes that were merged and lie in memory as one. It is no part of the normal form, because
 * a sum of which only a part has been added up so far would take another one.
 */
export const rejoined = (e: Expr): Expr => build(withoutParts(linear(e)));

function withoutParts(l: Linear): Linear {
  for (const [key, { atom, factor }] of l.terms) {
    if (atom.kind !== 'int' || atom.op !== 'mod' || atom.b.kind !== 'const') continue;
    const quotient = idiv(atom.a, atom.b.value).key;
    if (l.terms.get(quotient)?.factor !== factor * atom.b.value) continue;
    const others = [...l.terms].filter(([k]) => k !== key && k !== quotient);
    return withoutParts(sumOf({ constant: l.constant, terms: new Map(others) }, scaled(linear(atom.a), factor)));
  }
  return l;
}

/** The largest value an index expression can take (its smallest is 0 wherever this is asked). */
export function upper(e: Expr): number {
  switch (e.kind) {
    case 'const': return e.value;
    case 'var': return e.bound - 1;
    case 'size': return e.max;
    case 'int': return upperOfInt(e.op, e.a, e.b);
    case 'op': return e.op === 'select' ? Math.max(upper(e.args[1]), upper(e.args[2])) : Infinity;
    case 'cast': case 'load': case 'random': case 'reduce': return Infinity;
  }
}

function upperOfInt(name: string, a: Expr, b: Expr): number {
  switch (name) {
    case 'add': return upper(a) + upper(b);
    case 'mul': return b.kind === 'const' && b.value >= 0 ? upper(a) * b.value : Infinity;
    case 'div': return b.kind === 'const' ? Math.floor(upper(a) / b.value) : Infinity;
    case 'mod': return b.kind === 'const' ? Math.min(b.value - 1, upper(a)) : Infinity;
    case 'min': return Math.min(upper(a), upper(b));
    default: return Math.max(upper(a), upper(b));
  }
}

/** Whether an index expression is known to be at least 0: loaded indices and differences are not. */
export function nonNegative(e: Expr): boolean {
  switch (e.kind) {
    case 'const': return e.value >= 0;
    case 'var': case 'size': return true;
    case 'int':
      if (e.op === 'max') return nonNegative(e.a) || nonNegative(e.b);
      return nonNegative(e.a) && nonNegative(e.b);
    default: return false;
  }
}

/** The part divisible by n, and the rest when the rest is known to lie in [0, n). */
function divide(e: Expr, n: number): { readonly quotient: Linear; readonly rest: Expr } | undefined {
  const l = linear(e);
  const whole = new Map<string, Term>();
  const rest = new Map<string, Term>();
  for (const [k, t] of l.terms) {
    if (t.factor % n === 0) whole.set(k, { atom: t.atom, factor: t.factor / n });
    else rest.set(k, t);
  }
  const low = ((l.constant % n) + n) % n;
  const left = build({ constant: low, terms: rest });
  if (!nonNegative(left) || upper(left) >= n) return undefined;
  return { quotient: { constant: (l.constant - low) / n, terms: whole }, rest: left };
}

/** Quotient and remainder by a positive constant; operands are at least 0. */
export function idiv(a: Expr, n: number): Expr {
  if (n === 1) return a;
  const parts = divide(a, n);
  return parts === undefined ? intExpr('div', a, constI(n)) : build(parts.quotient);
}

export function imod(a: Expr, n: number): Expr {
  if (n === 1) return constI(0);
  const parts = divide(a, n);
  return parts === undefined ? intExpr('mod', a, constI(n)) : parts.rest;
}

/** `a` limited to 0 … n - 1; nothing when its bounds are known to lie there. */
export function clampIndex(a: Expr, n: number): Expr {
  if (nonNegative(a) && upper(a) < n) return a;
  if (a.kind === 'const') return constI(Math.min(Math.max(a.value, 0), n - 1));
  return intExpr('min', intExpr('max', a, constI(0)), constI(n - 1));
}

/** How an index moves with one variable: its factor, and the rest; undefined when it is not linear in it. */
export function stride(e: Expr, name: string): { readonly factor: number; readonly rest: Expr } | undefined {
  const l = linear(e);
  const terms = new Map(l.terms);
  let factor = 0;
  for (const [k, t] of l.terms) {
    if (!t.atom.free.has(name)) continue;
    if (t.atom.kind !== 'var') return undefined;
    factor = t.factor;
    terms.delete(k);
  }
  return { factor, rest: build({ constant: l.constant, terms }) };
}

/** The place of a value within its vector: what it is modulo 4, where vectors begin at multiples of 4. */
export const isLaneOf = (e: Expr, name: string): boolean =>
  e.kind === 'int' && e.op === 'mod' && e.a.kind === 'var' && e.a.name === name && e.b.kind === 'const' && e.b.value === 4;

/** How far apart an index's values lie over a vector that begins at a multiple of 4; undefined where not evenly. */
export function lanesApart(e: Expr, name: string): number | undefined {
  const moving = [...linear(e).terms.values()].filter((t) => t.atom.free.has(name));
  if (moving.some(({ atom }) => atom.kind !== 'var' && !isLaneOf(atom, name))) return undefined;
  return moving.reduce((sum, t) => sum + t.factor, 0);
}

/** Whether every value of the expression is a multiple of n. */
export function multipleOf(e: Expr, n: number): boolean {
  const l = linear(e);
  return l.constant % n === 0 && [...l.terms.values()].every((t) => t.factor % n === 0);
}
