import type { FormedPiece } from '../fuse/fuse.ts';
import type { LoopNest, Stmt } from '../loop/ir.ts';
import { gridDim } from './common.ts';

/** Every point on its own. */
export function lowerMap(piece: FormedPiece, name: string): LoopNest {
  const body = piece.stores.map((s): Stmt => ({ kind: 'store', ...s }));
  return {
    name, place: piece.root.origin.place, grid: piece.domain.map((d) => gridDim(d)), lanes: 1, locals: [], body,
  };
}
