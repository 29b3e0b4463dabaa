import { op, type Expr } from '../expr/expr.ts';
import { isReduce, outerReductions } from '../expr/rewrite.ts';
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
  const terms = termsOf(store.value);
  const sums = terms.filter((t) => outerReductions(t).length > 0);
  const [sum] = sums;
  if (more.length > 0 || sums.length !== 1 || !isReduce(sum) || sum.monoid !== 'sum') return undefined;
  const { body, v, extent } = sum;
  if (body.kind !== 'op' || body.op !== 'select') return undefined;
  const [hit, value, other] = body.args;
  if (hit.kind !== 'op' || hit.op !== 'eq' || other.kind !== 'const' || other.value !== 0) return undefined;
  const [index, row] = hit.args;
  const to = domain.find((d) => d.v.key === row.key);
  if (to === undefined || index.type !== 'i32') return undefined;
  if ([index, value].some((e) => e.free.has(to.v.name) || outerReductions(e).length > 0)) return undefined;
  const rest = terms.filter((t) => t !== sum);
  return {
    kind: 'scatter', to, over: { v, extent }, index, value,
    rest: rest.length === 0 ? undefined : rest.reduce((a, b) => op('add', [a, b])),
  };
}

/** What is added up, as far as it is written as sums of two. */
const termsOf = (e: Expr): readonly Expr[] =>
  (e.kind === 'op' && e.op === 'add' && outerReductions(e).length > 0 ? e.args.flatMap(termsOf) : [e]);

/** The dimensions of the values that are added: all but the rows. */
export const columnsOf = ({ domain }: Piece, { to }: ScatterForm): readonly Dim[] => domain.filter((d) => d !== to);

