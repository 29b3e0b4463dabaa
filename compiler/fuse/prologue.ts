import type { Expr, ReduceExpr } from '../expr/expr.ts';
import { outerReductions } from '../expr/rewrite.ts';
import { upper } from '../expr/int.ts';
import type { ChainForm } from './chain.ts';
import type { Form, RowsForm } from './form.ts';
import type { Dim } from './piece.ts';

/**
 * A row whose totals come first, and then its products with columns: layer norm before a projection. What computes some
 * of the columns can compute the row for them.
 */
export interface Prologue {
  readonly columns: Dim;
  /** Totals of the row, each after those that it uses. */
  readonly before: readonly ReduceExpr[];
  /** Over one range. */
  readonly products: readonly RowProduct[];
}

/** Σₖ row(k)·column(k): the row alone needs the totals before, and the column alone varies along the columns. */
export interface RowProduct { readonly total: ReduceExpr; readonly row: Expr; readonly column: Expr }

/** Entries of rows that the lanes of a cell can keep in their registers, or nearly: some hundred each. */
const LONGEST_ROWS = 3072;

/** Undefined where reductions are no such totals and products, or where a row is too long to be kept. */
export function prologueOf({ rows, inner, reductions }: RowsForm): Prologue | undefined {
  const columns = rows.at(-1);
  if (columns === undefined || inner.length > 0) return undefined;
  const before = reductions.filter((r) => !r.free.has(columns.v.name));
  const wide = reductions.filter((r) => r.free.has(columns.v.name));
  const products = wide.flatMap((r) => productOf(r, columns) ?? []);
  if (before.length === 0 || products.length === 0 || products.length < wide.length) return undefined;
  const [{ total: { extent } }] = products;
  const made = new Set(products.flatMap((p) => (outerReductions(p.row).length > 0 ? [p.row.key] : [])));
  const fits = made.size > 0 && made.size * upper(extent) <= LONGEST_ROWS;
  return fits && products.every((p) => p.total.extent.key === extent.key) ? { columns, before, products } : undefined;
}

/** Whether a form makes the row that its contractions read. */
export const makesRow = (form: Form | ChainForm): boolean => form.kind === 'rows' && prologueOf(form) !== undefined;

function productOf(total: ReduceExpr, columns: Dim): RowProduct | undefined {
  const { body, monoid } = total;
  if (monoid !== 'sum' || body.kind !== 'op' || body.op !== 'mul') return undefined;
  const row = body.args.find((e) => !e.free.has(columns.v.name));
  const column = body.args.find((e) => e.free.has(columns.v.name) && outerReductions(e).length === 0);
  return row === undefined || column === undefined ? undefined : { total, row, column };
}
