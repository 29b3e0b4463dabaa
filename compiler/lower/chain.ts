import { load, variable, type Expr } from '../expr/expr.ts';
import { iadd, imul } from '../expr/int.ts';
import { isReduce, replaceByKey, substitute } from '../expr/rewrite.ts';
import { CHAIN_ROWS, placesOf, type ChainForm, type Stage } from '../fuse/chain.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim } from '../fuse/piece.ts';
import type { LocalArray, LoopNest, Stmt } from '../loop/ir.ts';
import { rowLanes, type Profile } from '../loop/schedule.ts';
import { gridDim, laneLoop, sizeMax } from './common.ts';
import { blockBody } from './contract.ts';
import { lowerRows } from './rows.ts';
import { loadsIn } from '../fuse/strides.ts';
import { lowerBySubgroup } from './subgroup.ts';
import { serial } from './tile.ts';

/** The first row of a cell, and one of its rows. */
const FIRST = variable('_first_row', Infinity);
const ROW = variable('_chain_row', CHAIN_ROWS);
const TURN = variable('_turn', Infinity);
const BARRIER: Stmt = { kind: 'barrier' };

/** What the stages of a chain know. */
interface Chain {
  readonly form: ChainForm;
  /** The dimension whose rows a cell takes several of. */
  readonly row: Dim;
  /** How many. */
  readonly rows: number;
  readonly profile: Profile;
}

/** A cell computes a few rows, stage after stage; what one stage makes, the lanes share for the next. */
export function lowerChain(piece: FormedPiece, form: ChainForm, name: string, given: Profile): LoopNest {
  const row = form.rows[form.rows.length - 1];
  const rows = rowsOfCell(row, given);
  const chain: Chain = { form, row, rows, profile: { ...given, tileRows: rows } };
  return {
    name, place: piece.root.origin.place, lanes: rowLanes(given),
    grid: form.rows.map((d) => gridDim(d, d === row ? rows : 1)),
    locals: placesOf(form.stages).map((width, i): LocalArray => ({ name: placeName(i), type: 'f32', size: rows * width })),
    body: [
      { kind: 'let', v: FIRST, value: row.v },
      ...form.stages.flatMap((s, i) => [...(i === 0 ? [] : [BARRIER]), ...stageBody(s, chain)]),
    ],
  };
}

/** As many as a tile has, of which a dimension has a multiple. */
function rowsOfCell(row: Dim, profile: Profile): number {
  let rows = Math.min(CHAIN_ROWS, profile.tileRows, rowLanes(profile));
  while (sizeMax(row) % rows !== 0) rows -= 1;
  return rows;
}

const placeName = (place: number): string => `local:held${place}`;

function stageBody(stage: Stage, chain: Chain): readonly Stmt[] {
  const { profile, row, rows } = chain;
  const own = withHeld(stage, chain);
  const inner = own.domain[own.domain.length - 1];
  const tiled = own.form.kind === 'contract' && rowLanes(profile) === profile.subgroup
    ? lowerBySubgroup(own, own.form, '', [row, inner], profile) : undefined;
  if (tiled !== undefined) return columnsInTurn(tiled, inner);
  const at = new Map([[row.v.name, iadd(FIRST, ROW)]]);
  return [serial(ROW, rows, rowBody(rewritten(own, (e) => substitute(e, at)), inner, profile))];
}

/** What the cell holds is read and stored there, by the place in the cell's own rows. */
function withHeld(stage: Stage, { form: { stages }, row }: Chain): Stage {
  const held = stages.slice(0, -1);
  const inCell = (of: Stage, index: Expr): Expr =>
    iadd(index, imul(substitute(of.start, new Map([[row.v.name, FIRST]])), -1));
  const own = rewritten(stage, (e) => replaceByKey(e, new Map(loadsIn(e).flatMap((l) => {
    const of = held.find((s) => s.root.key === l.buffer);
    return of === undefined ? [] : [[l.key, load(placeName(of.place), inCell(of, l.index), 'f32')] as const];
  }))));
  if (stage === stages.at(-1)) return own;
  return { ...own, stores: own.stores.map((s) => ({ ...s, buffer: placeName(stage.place), index: inCell(stage, s.index) })) };
}

/** A stage whose expressions are others, in its reductions as in what it stores. */
function rewritten(stage: Stage, by: (e: Expr) => Expr): Stage {
  const reductions = stage.form.reductions.map((r) => by(r)).filter(isReduce);
  const stores = stage.stores.map((s) => ({ ...s, index: by(s.index), value: by(s.value) }));
  return { ...stage, form: { ...stage.form, reductions }, stores };
}

/** The tiles of a cell's rows one after the other. */
function columnsInTurn(nest: LoopNest, inner: Dim): readonly Stmt[] {
  const step = nest.grid.find((d) => d.v.name === inner.v.name)?.step ?? 1;
  const at: Stmt = { kind: 'let', v: inner.v, value: imul(TURN, step) };
  return [serial(TURN, Math.ceil(sizeMax(inner) / step), [at, ...nest.body])];
}

/** One row of a stage: totals that the lanes share and a sweep over the row, or a total for each entry. */
function rowBody(stage: Stage, inner: Dim, profile: Profile): readonly Stmt[] {
  if (stage.form.kind === 'rows') return lowerRows(stage, stage.form, '', profile).body;
  return [{ kind: 'loop', loop: laneLoop(inner, profile), body: blockBody(stage, stage.form, [], 'serial', profile) }];
}
