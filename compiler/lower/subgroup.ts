import { replaceByKey, substitute } from '../expr/rewrite.ts';
import { iadd } from '../expr/int.ts';
import type { ContractForm } from '../fuse/form.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim } from '../fuse/piece.ts';
import type { LoopNest, Stmt } from '../loop/ir.ts';
import type { Profile } from '../loop/schedule.ts';
import { gridDim, guarded, reductionLoop, sizeMax } from './common.ts';
import { crossingOf, inLanes, overTile, tileFold, within, type Tile } from './tile.ts';

/**
 * A contraction of rows with columns by the lanes of one subgroup. Undefined where the contraction is no such product,
 * or where lanes cannot give each other values.
 */
export function lowerBySubgroup(
  piece: FormedPiece, form: ContractForm, name: string, [m, n]: readonly [Dim, Dim], profile: Profile,
): LoopNest | undefined {
  const { subgroup } = profile;
  const crossings = form.reductions.flatMap((r) => crossingOf(r, m.v.name, n.v.name) ?? []);
  if (subgroup === undefined || sizeMax(n) < subgroup || crossings.length < form.reductions.length) return undefined;
  const tile = tileOf([m, n], crossings.length, subgroup, profile);
  const loop = reductionLoop(crossings.flatMap(({ row, column }) => [row, column]), form.reductions[0], 'serial', profile);
  const { fold, totals } = tileFold(crossings, tile, loop);
  return {
    name, place: piece.root.origin.place,
    grid: piece.domain.map((d) => gridDim(d, d === m ? tile.rows : d === n ? subgroup * tile.columns : 1)),
    lanes: subgroup, locals: [],
    body: [inLanes(subgroup, [fold, ...overTile(tile, totals, 'totals', ({ row, column, totals: own }) => {
      const at = new Map([[m.v.name, iadd(m.v, row)], [n.v.name, iadd(n.v, column)]]);
      const known = new Map(form.reductions.map((r, i) => [r.key, own[i]]));
      const stores = piece.stores.map((s): Stmt => ({
        kind: 'store', buffer: s.buffer, index: substitute(s.index, at),
        value: substitute(replaceByKey(s.value, known), at),
      }));
      return guarded(m, tile.rows, row, guarded(n, subgroup * tile.columns, column, stores));
    })])],
  };
}

/** With several totals at each point a lane has fewer columns, so that all of them stay in registers. */
function tileOf([m, n]: readonly [Dim, Dim], totals: number, lanes: number, { tileRows, tileColumns }: Profile): Tile {
  const rows = Math.min(tileRows, lanes);
  const columns = Math.min(Math.max(1, Math.floor(tileColumns / totals)), Math.ceil(sizeMax(n) / lanes));
  return {
    rows, columns, lanes, m: m.v.name, n: n.v.name,
    row: (offset) => within(m, rows, offset), column: (offset) => within(n, lanes * columns, offset),
  };
}
