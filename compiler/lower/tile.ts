import { constI, intExpr, load, op, variable, type Expr, type ReduceExpr, type VarExpr } from '../expr/expr.ts';
import { iadd, imul } from '../expr/int.ts';
import { substitute } from '../expr/rewrite.ts';
import type { Dim } from '../fuse/piece.ts';
import type { Loop, Spread, Stmt, Total } from '../loop/ir.ts';

/*
 * Tiles: what the lanes of one subgroup compute together. A lane has columns of its own; rows are read (and computed,
 * where something is fused into them) by one lane each and given to the others. So a turn reads as many values as a lane
 * has columns, and one more, for rows times as many products.
 */

/** The lane's number, bound by `inLanes`. */
export const LANE = variable('_column', Infinity);
const OWN_ROW = variable('_own_row', Infinity);

export interface Tile {
  readonly rows: number;
  /** Of each lane. */
  readonly columns: number;
  readonly lanes: number;
  /** Whether the columns of a lane lie side by side; else those of all lanes do. */
  readonly ownTogether: boolean;
  /** Names of the variables that rows and columns are indices of. */
  readonly m: string;
  readonly n: string;
  /** What stands for these in the tile, in bounds: of the row or the column at an offset. */
  row(offset: Expr): Expr;
  column(offset: Expr): Expr;
}

/** A product whose one factor varies along rows alone, and whose other varies along columns alone. */
export interface Crossing {
  readonly reduction: ReduceExpr;
  readonly row: Expr;
  readonly column: Expr;
}

/** Undefined where a reduction is no sum of such products; `m` is left out where a tile has one row. */
export function crossingOf(reduction: ReduceExpr, m: string | undefined, n: string): Crossing | undefined {
  const { body, monoid } = reduction;
  if (monoid !== 'sum' || body.kind !== 'op' || body.op !== 'mul') return undefined;
  const isRow = (e: Expr): boolean => (m === undefined || e.free.has(m)) && !e.free.has(n);
  const isColumn = (e: Expr): boolean => e.free.has(n) && (m === undefined || !e.free.has(m));
  const [row, column] = [body.args.find(isRow), body.args.find(isColumn)];
  return row === undefined || column === undefined ? undefined : { reduction, row, column };
}

/** The index of a point of a dimension, held inside the extent so that every load is in bounds. */
export function within(d: Dim, step: number, offset: Expr): Expr {
  const at = iadd(d.v, offset);
  if (d.extent.kind === 'const' && d.extent.value % step === 0) return at;
  return intExpr('min', at, iadd(d.extent, constI(-1)));
}

/** Statements that each lane runs for its own columns. */
export const inLanes = (lanes: number, body: readonly Stmt[]): Stmt =>
  ({ kind: 'loop', loop: { v: LANE, extent: constI(lanes), tag: 'lane', vector: 1 }, body });

/** Adds up the products of a tile. @returns the fold, and for each crossing its totals [row, column] */
export function tileFold(crossings: readonly Crossing[], tile: Tile, loop: Loop): {
  readonly fold: Stmt; readonly totals: readonly (readonly Expr[])[];
} {
  const { rows, columns } = tile;
  const spreads = new Map<string, Spread>();
  const all: Total[] = [];
  const totals = crossings.map(({ reduction, row, column }): readonly Expr[] => {
    const renamed = (e: Expr): Expr => substitute(e, new Map([[reduction.v.name, loop.v]]));
    const shared = spreadOf(renamed(row), tile, spreads);
    const own = Array.from({ length: columns }, (_, c) =>
      substitute(renamed(column), new Map([[tile.n, tile.column(columnOffset(tile, constI(c)))]])));
    return Array.from({ length: rows * columns }, (_, i) => {
      const v = variable(`_total${all.length}`, Infinity, 'f32');
      all.push({ v, monoid: 'sum', value: op('mul', [shared[Math.floor(i / columns)], own[i % columns]]) });
      return v;
    });
  });
  return { fold: { kind: 'fold', loop, totals: all, spreads: [...spreads.values()] }, totals };
}

const columnOffset = ({ lanes, columns, ownTogether }: Tile, column: Expr): Expr =>
  (ownTogether ? iadd(imul(LANE, columns), column) : iadd(LANE, imul(column, lanes)));

/** The values of the rows, which lanes compute for each other; those of two contractions of one operand are the same. */
function spreadOf(row: Expr, { m, rows, row: at }: Tile, spreads: Map<string, Spread>): readonly VarExpr[] {
  const known = spreads.get(row.key);
  if (known !== undefined) return known.values;
  const values = Array.from({ length: rows }, (_, i) => variable(`_row${spreads.size}_${i}`, Infinity, 'f32'));
  spreads.set(row.key, { lane: OWN_ROW, value: substitute(row, new Map([[m, at(OWN_ROW)]])), values });
  return values;
}

/** A point of a tile after its totals are known. */
export interface TilePoint {
  /** Offsets of its row and column. */
  readonly row: Expr;
  readonly column: Expr;
  /** Its total of each crossing. */
  readonly totals: readonly Expr[];
}

/** A loop over the points of a tile, so that what follows the totals is written (and compiled) once. */
export function overTile(
  tile: Tile, totals: readonly (readonly Expr[])[], name: string, body: (point: TilePoint) => readonly Stmt[],
): readonly Stmt[] {
  const { rows, columns } = tile;
  const [row, column] = [variable('_row', rows), variable('_own_column', columns)];
  const arrays = totals.map((values, i): Stmt => ({ kind: 'array', name: `local:${name}${i}`, values }));
  const at = iadd(imul(row, columns), column);
  const point: TilePoint = {
    row, column: columnOffset(tile, column), totals: totals.map((_, i) => load(`local:${name}${i}`, at, 'f32')),
  };
  return [...arrays, serial(row, rows, [serial(column, columns, body(point))])];
}

/** A loop of known length. */
export const serial = (v: VarExpr, extent: number, body: readonly Stmt[]): Stmt =>
  ({ kind: 'loop', loop: { v, extent: constI(extent), tag: 'serial', vector: 1 }, body });
