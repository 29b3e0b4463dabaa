import { constI, variable } from '../expr/expr.ts';
import { iadd, imul } from '../expr/int.ts';
import { substitute } from '../expr/rewrite.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim, Store } from '../fuse/piece.ts';
import type { LoopNest, Stmt } from '../loop/ir.ts';
import { gridDim, loadsVector, takesFour } from './common.ts';
import { LANES, loadsIn } from '../fuse/strides.ts';

const [FOUR, ENTRY] = [variable('_four', Infinity), variable('_entry', LANES)];

/** Every point on its own, or four that lie side by side wherever they are read and stored. */
export function lowerMap(piece: FormedPiece, name: string): LoopNest {
  const place = piece.root.origin.place;
  const along = piece.domain.findLast((d) => liesInFours(piece.stores, d));
  const stores = along === undefined ? piece.stores : piece.stores.map((s) => inFours(s, along));
  const body = stores.map((s): Stmt => ({ kind: 'store', ...s }));
  if (along === undefined) {
    return { name, place, grid: piece.domain.map((d) => gridDim(d)), lanes: 1, locals: [], body };
  }
  return {
    name, place, lanes: 1, locals: [],
    grid: piece.domain.map((d) => (d === along ? gridDim(foursOf(d)) : gridDim(d))),
    body: [{ kind: 'loop', loop: { v: ENTRY, extent: constI(LANES), tag: 'unrolled', vector: LANES }, body }],
  };
}

/** Whether all that is read and stored varies along a dimension one by one, from multiples of four, or not at all. */
function liesInFours(stores: readonly Store[], d: Dim): boolean {
  if (d.extent.kind !== 'const' || d.extent.value % LANES !== 0) return false;
  const own = stores.map((s) => inFours(s, d));
  const loads = own.flatMap((s) => loadsIn(s.value));
  return own.every((s) => takesFour(s.value) && loadsVector(s.index, ENTRY))
    && loads.every((l) => !l.index.free.has(ENTRY.name) || (l.type === 'f32' && loadsVector(l.index, ENTRY)));
}

function inFours(s: Store, { v }: Dim): Store {
  const at = new Map([[v.name, iadd(imul(FOUR, LANES), ENTRY)]]);
  return { ...s, index: substitute(s.index, at), value: substitute(s.value, at) };
}

const foursOf = ({ extent }: Dim): Dim =>
  ({ v: FOUR, extent: extent.kind === 'const' ? constI(extent.value / LANES) : extent });
