import { variable } from '../expr/expr.ts';
import { replaceByKey, substitute } from '../expr/rewrite.ts';
import { iadd, idiv, imul } from '../expr/int.ts';
import type { ContractForm } from '../fuse/form.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim } from '../fuse/piece.ts';
import type { LoopNest, Stmt } from '../loop/ir.ts';
import type { Profile } from '../loop/schedule.ts';
import { gridDim, guarded, reductionLoop, sizeMax } from './common.ts';
import { LANES, runsAlong } from '../fuse/strides.ts';
import { crossingOf, inLanes, overTile, tileFold, within, type Crossing, type Tile } from './tile.ts';

const TILE = variable('_tile', Infinity);

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
  const tile = tileOf([m, n], crossings, subgroup, profile);
  const every = crossings.flatMap(({ row, column }) => [row, column]);
  const loop = reductionLoop(tile.ownTogether ? [] : every, form.reductions[0], 'serial', profile);
  const { fold, totals } = tileFold(crossings, tile, loop);
  const stored = overTile(tile, totals, 'totals', ({ row, column, totals: own }) => {
    const at = new Map([[m.v.name, iadd(m.v, row)], [n.v.name, iadd(n.v, column)]]);
    const known = new Map(form.reductions.map((r, i) => [r.key, own[i]]));
    const stores = piece.stores.map((s): Stmt => ({
      kind: 'store', buffer: s.buffer, index: substitute(s.index, at),
      value: substitute(replaceByKey(s.value, known), at),
    }));
    return guarded(m, tile.rows, row, guarded(n, subgroup * tile.columns, column, stores));
  });
  const numbered: Stmt = { kind: 'let', v: TILE, value: idiv(n.v, subgroup * tile.columns) };
  return {
    name, place: piece.root.origin.place,
    grid: piece.domain.map((d) => gridDim(d, d === m ? tile.rows : d === n ? subgroup * tile.columns : 1)),
    lanes: subgroup, locals: [],
    body: [...(tile.ownTogether ? [numbered] : []), inLanes(subgroup, [fold, ...stored])],
  };
}

/**
 * With several totals at each point a lane has fewer columns, so that all of them stay in registers. Where neighbours
 * along the columns are neighbours in memory, a lane has columns side by side and reads four at once; it then takes one
 * entry of the range at a time, so that rows need a quarter of the registers, and has twice as many columns.
 */
function tileOf(
  [m, n]: readonly [Dim, Dim], crossings: readonly Crossing[], lanes: number, { tileRows, tileColumns }: Profile,
): Tile {
  const rows = Math.min(tileRows, lanes);
  const most = Math.max(1, Math.floor(tileColumns / crossings.length));
  const isWhole = (columns: number): boolean =>
    columns % LANES === 0 && n.extent.kind === 'const' && n.extent.value % (lanes * columns) === 0;
  const together = crossings.every((c) => runsAlong([c.column], n.v.name)) ? [2 * most, most].find(isWhole) : undefined;
  const columns = together ?? Math.min(most, Math.ceil(sizeMax(n) / lanes));
  const step = lanes * columns;
  return {
    rows, columns, lanes, ownTogether: together !== undefined, m: m.v.name, n: n.v.name,
    row: (offset) => within(m, rows, offset),
    // By the number of the tile it shows that columns begin at multiples of four.
    column: (offset) => (together === undefined ? within(n, step, offset) : iadd(imul(TILE, step), offset)),
  };
}
