import type { FormedPiece } from '../../fuse/fuse.ts';
import type { Dim, Store } from '../../fuse/piece.ts';
import type { LoopNest, Stmt } from '../../loop/ir.ts';
import type { Profile } from '../../loop/schedule.ts';
import { gridDim, laneLoop, sizeMax } from '../common.ts';
import { LANES, vectorDim } from '../../fuse/strides.ts';

/** Every point on its own: a cell for each row along the dimension that vectors run along. */
export function lowerMap(piece: FormedPiece, name: string, profile: Profile): LoopNest {
  const inner = innermost(piece.domain, piece.stores);
  const stores = piece.stores.map((s): Stmt => ({ kind: 'store', ...s }));
  return {
    name,
    place: piece.root.origin.place,
    grid: piece.domain.filter((d) => d !== inner).map((d) => gridDim(d)),
    lanes: 1,
    locals: [],
    body: inner === undefined ? stores : [{ kind: 'loop', loop: laneLoop(inner, profile), body: stores }],
  };
}

/** Where nothing lies side by side, vectors still compute what no memory limits. */
const innermost = (domain: readonly Dim[], stores: readonly Store[]): Dim | undefined =>
  vectorDim(domain, stores) ?? domain.findLast((d) => sizeMax(d) >= LANES);
