import type { Monoid } from '../../dsl/node.ts';
import { variable, type ReduceExpr, type VarExpr } from '../expr/expr.ts';
import { replaceByKey } from '../expr/rewrite.ts';
import type { RowsForm } from '../fuse/form.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim } from '../fuse/piece.ts';
import type { LoopNest, Stmt } from '../loop/ir.ts';
import { rowLanes, type Profile } from '../loop/schedule.ts';
import { gridDim, laneLoop, reductionLoop } from './common.ts';

/** One cell for each row: its totals one after the other, shared by the lanes, then a sweep over the row. */
export function lowerRows(piece: FormedPiece, form: RowsForm, name: string, profile: Profile): LoopNest {
  const { folds, totals } = rowTotals(form.reductions, profile);
  const stores = piece.stores.map((s): Stmt => ({
    kind: 'store', buffer: s.buffer, index: s.index, value: replaceByKey(s.value, totals),
  }));
  return {
    name,
    place: piece.root.origin.place,
    grid: form.rows.map((d) => gridDim(d)),
    lanes: rowLanes(profile),
    locals: [],
    body: [...folds, ...sweep(form.inner, stores, profile)],
  };
}

/** Totals of a row, one after the other. @returns their names by the reductions' keys */
export function rowTotals(reductions: readonly ReduceExpr[], profile: Profile): {
  readonly folds: readonly Stmt[]; readonly totals: ReadonlyMap<string, VarExpr>;
} {
  const totals = new Map<string, VarExpr>();
  const folds = reductions.map((r, i): Stmt => {
    const v = variable(`_row_total${i}`, Infinity, 'f32');
    const value = replaceByKey(r.body, totals);
    const loop = reductionLoop([value], r, 'lane', profile);
    totals.set(r.key, v);
    return { kind: 'fold', loop, totals: [{ v, monoid: rowMonoid(r.monoid, profile), value }] };
  });
  return { folds, totals };
}

/** A thread has f64 beside f32: means and variances lose nothing there, in loops that load more than they compute. */
const rowMonoid = (monoid: Monoid, profile: Profile): Monoid =>
  (monoid === 'sum' && profile.cells === 'vectors' ? 'compensated' : monoid);

/** Loops over the inner dimensions, the last one shared by the lanes. */
function sweep(inner: readonly Dim[], stores: readonly Stmt[], profile: Profile): readonly Stmt[] {
  return [...inner].reverse().reduce<readonly Stmt[]>((body, d, i) => [
    { kind: 'loop', loop: i === 0 ? laneLoop(d, profile) : { v: d.v, extent: d.extent, tag: 'serial', vector: 1 }, body },
  ], stores);
}
