import type { ContractForm } from '../../fuse/form.ts';
import type { FormedPiece } from '../../fuse/fuse.ts';
import type { Dim } from '../../fuse/piece.ts';
import type { VectorHabits } from '../../loop/schedule.ts';
import { sizeMax } from '../common.ts';
import { blockPair, reusedAlong } from '../contract.ts';

/** How many results of a block lie along which dimension; the last is the one whose operand is read for each. */
export type BlockSizes = ReadonlyMap<Dim, number>;

/**
 * A block along the two dimensions that reuse different loads, of which several totals are taken one after the other;
 * else along the one that reuses some.
 */
export function blockOf(piece: FormedPiece, form: ContractForm, habits: VectorHabits): BlockSizes {
  const reuse = reusing(piece, form, habits.rows);
  const pair = blockPair(form, reuse);
  const last = reuse.at(-1);
  if (pair !== undefined) {
    return new Map([[pair[0], Math.max(1, Math.floor(habits.totals / habits.rows))], [pair[1], habits.rows]]);
  }
  return last === undefined ? new Map() : new Map([[last, share(form, habits.streams)]]);
}

/** A block beside vectors along a column: along a dimension for which the column's operand is read again. */
export function blockBeside(piece: FormedPiece, form: ContractForm, column: Dim, habits: VectorHabits): BlockSizes {
  const varyTogether = (d: Dim): boolean =>
    form.reductions.some((r) => r.free.has(d.v.name) && r.free.has(column.v.name));
  const again = reusing(piece, form, habits.rows).findLast((d) => d !== column && varyTogether(d));
  return again === undefined ? new Map() : new Map([[again, share(form, habits.rows)]]);
}

const reusing = (piece: FormedPiece, form: ContractForm, least: number): readonly Dim[] =>
  piece.domain.filter((d) => sizeMax(d) >= least && reusedAlong(form, d));

/** Several totals at each point make the block smaller, so that all of them stay in registers. */
const share = (form: ContractForm, results: number): number => Math.max(1, Math.floor(results / form.reductions.length));
