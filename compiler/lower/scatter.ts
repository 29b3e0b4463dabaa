import { constF, constI, intExpr, op, variable, type Expr } from '../expr/expr.ts';
import { iadd, upper } from '../expr/int.ts';
import { substitute } from '../expr/rewrite.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim, Store } from '../fuse/piece.ts';
import { columnsOf, type ScatterForm } from '../fuse/scatter.ts';
import type { LoopNest, Stmt } from '../loop/ir.ts';
import { rowLanes, type Profile } from '../loop/schedule.ts';
import { gridDim, guarded, laneLoop, sizeMax } from './common.ts';

const ROW = variable('_row', Infinity);

/** Rows of a cell, at most: each cell looks at all indices, which is little next to filling its rows. */
const MOST_ROWS = 64;
/** Fewer columns are not worth sharing among lanes. */
const LEAST_COLUMNS = 8;

/**
 * A cell has some rows of the result for itself: it fills them with zeros, then goes through the indices one after the
 * other and adds the values whose index names one of its rows. So sums have one order, whatever runs beside the cell,
 * and nothing is added atomically. Columns side by side are those of lanes or vectors, each of which adds to its own.
 */
export function lowerScatter(piece: FormedPiece, form: ScatterForm, name: string, profile: Profile): LoopNest {
  const columns = columnsOf(piece, form);
  const step = rowsOf(form.to, columns, profile);
  const cell: Cell = { ...form, store: piece.stores[0], step, inner: columns.at(-1), profile };
  const shares = profile.cells === 'lanes' && cell.inner !== undefined && sizeMax(cell.inner) >= LEAST_COLUMNS;
  const others = form.rest === undefined ? [] : [inRows(cell, { value: form.rest, adds: true })];
  return {
    name, place: piece.root.origin.place,
    grid: [gridDim(form.to, cell.step), ...columns.slice(0, -1).map((d) => gridDim(d))],
    lanes: shares ? rowLanes(profile) : 1, locals: [],
    body: [inRows(cell, { value: constF(0) }), added(cell), ...others],
  };
}

interface Cell extends ScatterForm {
  readonly store: Store;
  /** Rows of the cell. */
  readonly step: number;
  /** Columns that it runs over; the others are the grid's. */
  readonly inner: Dim | undefined;
  readonly profile: Profile;
}

/** So many rows that there are cells to keep a device at work. */
function rowsOf(to: Dim, columns: readonly Dim[], { busyCells }: Profile): number {
  const rows = columns.slice(0, -1).reduce((n, d) => n * sizeMax(d), sizeMax(to));
  return Math.max(1, Math.min(MOST_ROWS, sizeMax(to), Math.floor(rows / busyCells)));
}

/** A loop over columns, whose lanes have the same ones whenever it runs. */
function along({ inner, profile }: Cell, isWide: boolean, body: readonly Stmt[]): readonly Stmt[] {
  if (inner === undefined) return body;
  const loop = laneLoop(inner, profile);
  return [{ kind: 'loop', loop: isWide ? loop : { ...loop, vector: 1 }, body }];
}

/** Stores a value at each entry of a cell's rows, or adds it there. */
function inRows(cell: Cell, { value, adds }: Pick<StoreStmt, 'value' | 'adds'>): Stmt {
  const { store: { buffer, index }, to, step } = cell;
  const at = new Map([[to.v.name, iadd(to.v, ROW)]]);
  const own: Stmt = {
    kind: 'store', buffer, index: substitute(index, at), value: substitute(value, at),
    ...(adds === true ? { adds } : {}),
  };
  return {
    kind: 'loop', loop: { v: ROW, extent: constI(step), tag: 'serial', vector: 1 },
    body: guarded(to, step, ROW, along(cell, true, [own])),
  };
}

type StoreStmt = Extract<Stmt, { kind: 'store' }>;

/** Adds each value to the row that its index names, where that is the cell's. */
function added(cell: Cell): Stmt {
  const { store, to, over, step, inner, index, value } = cell;
  const target = variable('_target', upper(to.extent));
  const at = new Map([[to.v.name, target]]);
  const add: Stmt = { kind: 'store', buffer: store.buffer, index: substitute(store.index, at), value, adds: true };
  const named: Stmt = { kind: 'let', v: target, value: index };
  const condition = op('and', [op('ge', [target, to.v]), op('lt', [target, endOf(to, step)])]);
  const varies = inner !== undefined && index.free.has(inner.v.name);
  const body: readonly Stmt[] = varies
    ? along(cell, false, [named, { kind: 'guard', condition, body: [add] }])
    : [named, { kind: 'guard', condition, body: along(cell, true, [add]) }];
  return { kind: 'loop', loop: { v: over.v, extent: over.extent, tag: 'serial', vector: 1 }, body };
}

/** Where the rows of a cell end. */
function endOf({ v, extent }: Dim, step: number): Expr {
  const end = iadd(v, constI(step));
  return extent.kind === 'const' && extent.value % step === 0 ? end : intExpr('min', end, extent);
}
