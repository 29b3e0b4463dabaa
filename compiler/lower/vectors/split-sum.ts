import { op, type Expr, type ReduceExpr } from '../../expr/expr.ts';
import { stride } from '../../expr/int.ts';
import type { ContractForm } from '../../fuse/form.ts';
import type { FormedPiece } from '../../fuse/fuse.ts';
import { factorsOf } from '../../fuse/normalize.ts';
import type { Dim } from '../../fuse/piece.ts';
import { loadsIn } from '../../fuse/strides.ts';
import { sizeMax } from '../common.ts';

/** Where neighbours of the range lie so far apart, each is read with a line of a cache of its own. */
const FAR = 16;

/** A sum of products: factors that are the same for all columns, and the others. */
export interface SplitSum {
  readonly reduction: ReduceExpr;
  readonly still: Expr;
  readonly moving: Expr;
}

/** The last dimension of known size, other than the columns, for which all columns are read again. */
export function rowsOf(piece: FormedPiece, form: ContractForm, column: Dim, least: number): Dim | undefined {
  return piece.domain.findLast((d) => d !== column && d.extent.kind === 'const' && sizeMax(d) >= least
    && form.reductions.every((r) => r.free.has(d.v.name) && r.free.has(column.v.name)));
}

export function splitSum(reduction: ReduceExpr, column: Dim, rows: Dim): SplitSum | undefined {
  const { over, under } = factorsOf(reduction.body);
  if (reduction.monoid !== 'sum' || reduction.extent.kind !== 'const' || under.length > 0) return undefined;
  const still = over.filter((x) => !x.free.has(column.v.name));
  const moving = over.filter((x) => x.free.has(column.v.name));
  if (!still.some((x) => x.free.has(rows.v.name)) || moving.some((x) => x.free.has(rows.v.name))) return undefined;
  return still.length === 0 || moving.length === 0
    ? undefined
    : { reduction, still: productOf(still), moving: productOf(moving) };
}

const productOf = (xs: readonly Expr[]): Expr => xs.reduce((a, b) => op('mul', [a, b]));

export function pays({ reduction: { v }, still, moving }: SplitSum, totals: number): boolean {
  const far = loadsIn(still).some((l) => Math.abs(stride(l.index, v.name)?.factor ?? FAR) >= FAR);
  return totals > 1 || far || still.kind !== 'load' || moving.kind !== 'load';
}
