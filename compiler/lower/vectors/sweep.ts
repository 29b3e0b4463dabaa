import type { RowsForm } from '../../fuse/form.ts';
import type { FormedPiece } from '../../fuse/fuse.ts';
import type { Dim, Store } from '../../fuse/piece.ts';
import type { Loop, LoopNest, Stmt } from '../../loop/ir.ts';
import type { Profile } from '../../loop/schedule.ts';
import { gridDim, sizeMax } from '../common.ts';
import { lowerRows } from '../rows.ts';
import { LANES, vectorDim } from '../strides.ts';

/** Every point on its own: a cell for each row along the dimension that vectors run along. */
export function lowerMap(piece: FormedPiece, name: string): LoopNest {
  const inner = innermost(piece.domain, piece.stores);
  const grid = piece.domain.filter((d) => d !== inner).map((d) => gridDim(d));
  const stores = piece.stores.map((s): Stmt => ({ kind: 'store', ...s }));
  const body: readonly Stmt[] = inner === undefined ? stores : [{ kind: 'loop', loop: vectorLoop(inner), body: stores }];
  return { name, place: piece.root.origin.place, grid, lanes: 1, locals: [], body };
}

/** Where nothing lies side by side, vectors still compute what no memory limits. */
const innermost = (domain: readonly Dim[], stores: readonly Store[]): Dim | undefined =>
  vectorDim(domain, stores) ?? domain.findLast((d) => sizeMax(d) >= LANES);

export const vectorLoop = (d: Dim): Loop => ({ v: d.v, extent: d.extent, tag: 'lane', vector: LANES });

/** Totals of a row, then a sweep over it. */
export function lowerRowsVectors(piece: FormedPiece, form: RowsForm, name: string, profile: Profile): LoopNest {
  return lowerRows(piece, form, name, profile);
}
