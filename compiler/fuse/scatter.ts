import { op, type Expr, type ReduceExpr } from '../expr/expr.ts';
import { findAll, outerReductions } from '../expr/rewrite.ts';
import type { Dim, Piece } from './piece.ts';

/**
 * Values along one range, each added to the row of the result that an index names: the gradient of a table from those
 * of the rows that were looked up in it. As a sum it would compare every row with every index.
 */
export interface ScatterForm {
  readonly kind: 'scatter';
  /** The dimension that indices name an entry of; what lies outside is added to nothing. */
  readonly to: Dim;
  /** The range, and its variable. */
  readonly over: Dim;
  readonly index: Expr;
  readonly value: Expr;
  /** What is added to the sums in the end. */
  readonly rest: Expr | undefined;
}

/** Reads rest + Σₖ (index(k) = to ? value(k) : 0), where neither index nor value vary along the rows. */
export function scatterForm({ domain, stores: [store, ...more] }: Piece): ScatterForm | undefined {
  if (more.length > 0) return undefined;
  const [sum, ...others] = outerReductions(store.value);
  if (sum === undefined || others.length > 0 || sum.monoid !== 'sum') return undefined;
  const { body, v, extent } = sum;
  if (body.kind !== 'op' || body.op !== 'select') return undefined;
  const [hit, value, other] = body.args;
  if (hit.kind !== 'op' || hit.op !== 'eq' || other.kind !== 'const' || other.value !== 0) return undefined;
  const [index, row] = hit.args;
  const to = domain.find((d) => d.v.key === row.key);
  if (to === undefined || index.type !== 'i32') return undefined;
  if ([index, value].some((e) => e.free.has(to.v.name) || outerReductions(e).length > 0)) return undefined;
  const terms = termsOf(store.value, sum);
  const rest = terms.filter((t) => t.key !== sum.key);
  // The sum itself, once, and nothing that is made of it.
  if (rest.length !== terms.length - 1 || rest.some((t) => outerReductions(t).length > 0)) return undefined;
  return {
    kind: 'scatter', to, over: { v, extent }, index, value,
    rest: rest.length === 0 ? undefined : rest.reduce((a, b) => op('add', [a, b])),
  };
}

/** What is added up, as far as sums of two lead to a total. */
const termsOf = (e: Expr, sum: ReduceExpr): readonly Expr[] =>
  (e.kind === 'op' && e.op === 'add' && findAll(e, (x) => x.key === sum.key).length > 0
    ? e.args.flatMap((x) => termsOf(x, sum)) : [e]);

/** The dimensions of the values that are added: all but the rows. */
export const columnsOf = ({ domain }: Piece, { to }: ScatterForm): readonly Dim[] => domain.filter((d) => d !== to);

