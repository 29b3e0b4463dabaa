import { constI, variable, type Expr, type ReduceExpr, type VarExpr } from '../../expr/expr.ts';
import { iadd, imul } from '../../expr/int.ts';
import { replaceByKey, substitute } from '../../expr/rewrite.ts';
import type { ContractForm } from '../../fuse/form.ts';
import type { FormedPiece } from '../../fuse/fuse.ts';
import type { Dim } from '../../fuse/piece.ts';
import type { Loop, LoopNest, Stmt, Total } from '../../loop/ir.ts';
import { gridDim, guarded, sizeMax, stepped } from '../common.ts';
import { blockPair, reusedAlong } from '../contract.ts';
import { LANES, rangeRuns, vectorDim } from '../strides.ts';
import { vectorLoop } from './sweep.ts';

/** Totals that stay in registers, of which there are sixteen, beside what is loaded. */
const TOTALS = 12;
/** Results of one cell along the dimension whose operand is read again for each. */
const ROWS = 4;

/** One result of a cell: how far it lies from the cell's first along each dimension. */
type Offsets = ReadonlyMap<Dim, number>;

/**
 * Contractions with vectors of four: along the range where both operands lie side by side there (rows of a weight), else
 * along a dimension of the result (columns of a matrix). In both cases a cell computes a block of results, so that what
 * it loads is used several times.
 */
export function lowerContractVectors(piece: FormedPiece, form: ContractForm, name: string): LoopNest {
  const [first] = form.reductions;
  if (form.reductions.every((r) => rangeRuns([r.body], r))) return alongRange(piece, form, name);
  const column = vectorDim(piece.domain, piece.stores);
  if (column !== undefined && form.reductions.some((r) => r.free.has(column.v.name))) {
    return alongColumns(piece, form, name, column);
  }
  const cell = new Cell(piece, form, blocksOf(piece, form, undefined));
  return cell.nest(name, [cell.fold({ v: first.v, extent: first.extent, tag: 'serial', vector: 1 }), ...cell.stores()]);
}

function alongRange(piece: FormedPiece, form: ContractForm, name: string): LoopNest {
  const [first] = form.reductions;
  const cell = new Cell(piece, form, blocksOf(piece, form, undefined));
  return cell.nest(name, [cell.fold({ v: first.v, extent: first.extent, tag: 'serial', vector: LANES }), ...cell.stores()]);
}

/** Two vectors of columns at a time while they last, then what remains. */
function alongColumns(piece: FormedPiece, form: ContractForm, name: string, column: Dim): LoopNest {
  const [first] = form.reductions;
  const blocks = blocksOf(piece, form, column);
  const range: Loop = { v: first.v, extent: first.extent, tag: 'serial', vector: 1 };
  const wide = 2 * LANES;
  const whole = column.extent.kind === 'const' ? Math.floor(column.extent.value / wide) : 0;
  const cell = new Cell(piece, form, blocks);
  const body: Stmt[] = [];
  if (whole > 0) {
    const block = variable(`_${column.v.name}_block`, whole);
    const lane = variable(`_${column.v.name}_lane`, LANES);
    const pair = new Cell(piece, form, new Map([...blocks, [column, 2]]), new Map([[column, LANES]]), new Map([
      [column.v.name, iadd(imul(block, wide), lane)],
    ]));
    body.push({
      kind: 'loop', loop: { v: block, extent: constI(whole), tag: 'serial', vector: 1 },
      body: [{ kind: 'loop', loop: vectorLoop({ v: lane, extent: constI(LANES) }), body: [pair.fold(range), ...pair.stores()] }],
    });
  }
  const done = whole * wide;
  if (column.extent.kind !== 'const' || column.extent.value > done) {
    const rest = variable(`_${column.v.name}_rest`, sizeMax(column) - done);
    const tail = done === 0 ? cell : new Cell(piece, form, blocks, new Map(), new Map([[column.v.name, iadd(rest, constI(done))]]));
    const v = done === 0 ? column.v : rest;
    const extent = done === 0 ? column.extent : constI(sizeMax(column) - done);
    body.push({ kind: 'loop', loop: vectorLoop({ v, extent }), body: [tail.fold(range), ...tail.stores()] });
  }
  return cell.nest(name, body, column);
}

/** How many results of a cell lie along which dimension. */
function blocksOf(piece: FormedPiece, form: ContractForm, column: Dim | undefined): ReadonlyMap<Dim, number> {
  const reuse = piece.domain.filter((d) => d !== column && sizeMax(d) >= ROWS && reusedAlong(form, d));
  const each = form.reductions.length;
  if (column !== undefined) {
    const rows = reuse.findLast((d) => !usedByAll(form, d, column));
    return rows === undefined ? new Map() : new Map([[rows, Math.max(1, Math.floor(ROWS / each))]]);
  }
  const pair = blockPair(form, reuse);
  if (pair !== undefined) {
    const [m, n] = pair;
    return new Map([[m, Math.max(1, Math.floor(TOTALS / ROWS / each))], [n, ROWS]]);
  }
  const last = reuse.at(-1);
  return last === undefined ? new Map() : new Map([[last, Math.max(1, Math.floor(ROWS / each))]]);
}

/** Whether every load that varies with one dimension varies with the other too: then nothing is used again. */
const usedByAll = (form: ContractForm, d: Dim, column: Dim): boolean =>
  form.reductions.every((r) => !r.free.has(d.v.name) || !r.free.has(column.v.name));

/** The totals of a block of results, and the stores that end them. */
class Cell {
  readonly #piece: FormedPiece;
  readonly #form: ContractForm;
  readonly #blocks: ReadonlyMap<Dim, number>;
  /** How far neighbours of the block lie apart; 1 where nothing else is said. */
  readonly #apart: ReadonlyMap<Dim, number>;
  /** What stands for a dimension's variable. */
  readonly #base: ReadonlyMap<string, Expr>;
  readonly #totals = new Map<string, Total>();
  readonly #values: readonly (readonly VarExpr[])[];

  constructor(
    piece: FormedPiece, form: ContractForm, blocks: ReadonlyMap<Dim, number>,
    apart: ReadonlyMap<Dim, number> = new Map(), base: ReadonlyMap<string, Expr> = new Map(),
  ) {
    this.#piece = piece;
    this.#form = form;
    this.#blocks = blocks;
    this.#apart = apart;
    this.#base = base;
    this.#values = this.#points().map((p) => form.reductions.map((r) => this.#total(r, p)));
  }

  nest(name: string, body: readonly Stmt[], without?: Dim): LoopNest {
    const grid = this.#piece.domain.filter((d) => d !== without).map((d) => gridDim(d, this.#blocks.get(d) ?? 1));
    return { name, place: this.#piece.root.origin.place, grid, lanes: 1, locals: [], body };
  }

  fold(loop: Loop): Stmt {
    return { kind: 'fold', loop, totals: [...this.#totals.values()] };
  }

  stores(): readonly Stmt[] {
    return this.#points().flatMap((point, i) => {
      const known = new Map(this.#form.reductions.map((r, k) => [r.key, this.#values[i][k]]));
      const at = this.#place(point, (d, n) => iadd(this.#baseOf(d), constI(n)));
      const stores = this.#piece.stores.map((s): Stmt => ({
        kind: 'store', buffer: s.buffer, index: substitute(s.index, at), value: substitute(replaceByKey(s.value, known), at),
      }));
      return [...point].reduce<readonly Stmt[]>((body, [d, n]) =>
        (n === 0 || this.#base.has(d.v.name) ? body : guarded(d, this.#blocks.get(d) ?? 1, constI(n), body)), stores);
    });
  }

  #baseOf(d: Dim): Expr {
    return this.#base.get(d.v.name) ?? d.v;
  }

  #points(): readonly Offsets[] {
    return [...this.#blocks].reduce<readonly Offsets[]>(
      (points, [d, count]) => points.flatMap((p) =>
        Array.from({ length: count }, (_, i): Offsets => new Map([...p, [d, i * (this.#apart.get(d) ?? 1)]]))),
      [new Map()],
    );
  }

  #place(point: Offsets, move: (d: Dim, n: number) => Expr): ReadonlyMap<string, Expr> {
    return new Map([...this.#base, ...[...point].map(([d, n]): [string, Expr] => [d.v.name, move(d, n)])]);
  }

  /** One accumulator for each different total: results that share one share it. */
  #total(r: ReduceExpr, point: Offsets): VarExpr {
    const { v } = this.#form.reductions[0];
    const inside = (d: Dim, n: number): Expr =>
      (this.#base.has(d.v.name) ? iadd(this.#baseOf(d), constI(n)) : stepped(d, this.#blocks.get(d) ?? 1, n));
    const own = substitute(r, this.#place(point, inside));
    if (own.kind !== 'reduce') throw new Error('lower: a reduction was expected');
    const known = this.#totals.get(own.key);
    if (known !== undefined) return known.v;
    const total = variable(`_total${this.#totals.size}`, Infinity, 'f32');
    this.#totals.set(own.key, { v: total, monoid: own.monoid, value: substitute(own.body, new Map([[own.v.name, v]])) });
    return total;
  }
}
