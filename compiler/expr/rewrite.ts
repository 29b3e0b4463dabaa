import { cast, childrenOf, intExpr, load, op, randomAt, reduce, type Expr, type ReduceExpr } from './expr.ts';
import { iadd, idiv, imod, imul } from './int.ts';

/** The same expression over other children; index arithmetic is normalised anew. */
export function withChildren(e: Expr, xs: readonly Expr[]): Expr {
  switch (e.kind) {
    case 'const': case 'var': case 'size': return e;
    case 'op': return op(e.op, xs);
    case 'int': return rebuildInt(e.op, xs[0], xs[1]);
    case 'cast': return cast(xs[0], e.type);
    case 'load': return load(e.buffer, xs[0], e.type, e.storage);
    case 'random': return randomAt(e.seed, xs[0]);
    case 'reduce': return reduce(e.monoid, e.v, xs[0], xs[1]);
  }
}

function rebuildInt(name: 'add' | 'mul' | 'div' | 'mod' | 'min' | 'max', a: Expr, b: Expr): Expr {
  if (name === 'add') return iadd(a, b);
  if (b.kind === 'const') {
    if (name === 'mul') return imul(a, b.value);
    if (name === 'div') return idiv(a, b.value);
    if (name === 'mod') return imod(a, b.value);
  }
  return intExpr(name, a, b);
}

/** Rewrites an expression bottom-up; equal subexpressions are visited once. `stop` keeps a subexpression as it is. */
export function mapExpr(e: Expr, visit: (e: Expr) => Expr, stop: (e: Expr) => boolean = () => false): Expr {
  const done = new Map<string, Expr>();
  const go = (x: Expr): Expr => {
    const known = done.get(x.key);
    if (known !== undefined) return known;
    const kids = childrenOf(x);
    const next = stop(x) ? [] : kids.map(go);
    const same = stop(x) || next.every((k, i) => k === kids[i]);
    const result = visit(same ? x : withChildren(x, next));
    done.set(x.key, result);
    return result;
  };
  return go(e);
}

/** Puts values for variables. A reduction's own variable hides an outer one of the same name. */
export function substitute(e: Expr, values: ReadonlyMap<string, Expr>): Expr {
  if (![...values.keys()].some((name) => e.free.has(name))) return e;
  const done = new Map<string, Expr>();
  const go = (x: Expr): Expr => {
    const known = done.get(x.key);
    if (known !== undefined) return known;
    const result = substituteOne(x, values, go);
    done.set(x.key, result);
    return result;
  };
  return go(e);
}

function substituteOne(x: Expr, values: ReadonlyMap<string, Expr>, go: (e: Expr) => Expr): Expr {
  if (x.kind === 'var') return values.get(x.name) ?? x;
  if (x.free.size === 0) return x;
  if (x.kind === 'reduce' && values.has(x.v.name)) {
    const inner = new Map([...values].filter(([name]) => name !== x.v.name));
    return reduce(x.monoid, x.v, substitute(x.extent, values), substitute(x.body, inner));
  }
  const kids = childrenOf(x);
  return kids.length === 0 ? x : withChildren(x, kids.map(go));
}

/** Puts expressions for whole subexpressions, found by key; does not look inside what it replaces. */
export function replaceByKey(e: Expr, table: ReadonlyMap<string, Expr>): Expr {
  const done = new Map<string, Expr>();
  const go = (x: Expr): Expr => {
    const hit = table.get(x.key) ?? done.get(x.key);
    if (hit !== undefined) return hit;
    const kids = childrenOf(x);
    const next = kids.map(go);
    const result = next.every((k, i) => k === kids[i]) ? x : withChildren(x, next);
    done.set(x.key, result);
    return result;
  };
  return go(e);
}

/** Every distinct subexpression that passes the test; `into` says whether to look inside one. */
export function findAll(e: Expr, test: (e: Expr) => boolean, into: (e: Expr) => boolean = () => true): readonly Expr[] {
  const found: Expr[] = [];
  const seen = new Set<string>();
  const go = (x: Expr): void => {
    if (seen.has(x.key)) return;
    seen.add(x.key);
    if (into(x)) childrenOf(x).forEach(go);
    if (test(x)) found.push(x);
  };
  go(e);
  return found;
}

export const isReduce = (e: Expr): e is ReduceExpr => e.kind === 'reduce';

/** The reductions of an expression that lie in no other reduction. */
export function outerReductions(e: Expr): readonly ReduceExpr[] {
  return findAll(e, isReduce, (x) => !isReduce(x)).filter(isReduce);
}
