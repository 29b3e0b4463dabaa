import { constF, constI, intExpr, load, op, reduce, variable, type Expr, type VarExpr } from '../../expr/expr.ts';
import { iadd, imul, upper } from '../../expr/int.ts';
import { replaceByKey, substitute } from '../../expr/rewrite.ts';
import type { ContractForm } from '../../fuse/form.ts';
import type { FormedPiece } from '../../fuse/fuse.ts';
import type { Dim, Piece } from '../../fuse/piece.ts';
import { LANES, runsAlong } from '../../fuse/strides.ts';
import type { LocalArray, LoopNest, Stmt } from '../../loop/ir.ts';
import type { Profile } from '../../loop/schedule.ts';
import { gridDim, laneLoop, sizeMax } from '../common.ts';
import { columnLoops } from './columns.ts';
import { pays, rowsOf, splitSum, type SplitSum } from './split-sum.ts';

/** Bytes of the columns' operand that a chunk of the range may have: what the second cache gives quickly. */
const CHUNK_BYTES = 1 << 15;

/** Bytes of the totals that a cell keeps in memory: cells are made smaller for it, but not refused up to the most. */
const TOTALS_BYTES = 1 << 15;
const MOST_TOTALS_BYTES = 1 << 18;

/** Rows of a cell, at most, and blocks of them, at least. */
const MOST_ROWS = 32;
const LEAST_BLOCKS = 2;

/** A cell is made smaller where there would be fewer than these for the threads to share. */
const LEAST_CELLS = 12;

/** Columns from which on laying out a factor once costs less than reading or computing it for each vector of them. */
const LEAST_COLUMNS = 32;

/**
 * Contractions whose rows are read far apart (the gradient of a weight: both operands have their range outside), or whose
 * factors are computed, or with several totals for each result. A cell computes several rows of results. It takes the
 * range in chunks; for each chunk it lays the rows' factor, computed, side by side in memory of its own, and adds to
 * totals that it keeps in memory, so that a chunk of the columns' operand stays in the caches while all rows meet it.
 *
 * @returns undefined where this does not pay, or no dimension reuses the columns' operand
 */
export function alongPackedColumns(
  piece: FormedPiece, form: ContractForm, name: string, column: Dim, profile: Profile,
): LoopNest | undefined {
  const rows = rowsOf(piece, form, column, profile.vectors.rows);
  if (rows === undefined || column.extent.kind !== 'const' || sizeMax(column) < LEAST_COLUMNS) return undefined;
  const splits = form.reductions.map((r) => splitSum(r, column, rows));
  if (!splits.every((s) => s !== undefined) || !splits.some((s) => pays(s, splits.length))) return undefined;
  const packed = new Packed(piece, splits, column, rows, profile);
  return packed.totalsBytes > MOST_TOTALS_BYTES ? undefined : packed.nest(name);
}

class Packed {
  readonly #piece: FormedPiece;
  readonly #splits: readonly SplitSum[];
  readonly #column: Dim;
  readonly #rows: Dim;
  readonly #profile: Profile;
  readonly #width: number;
  readonly #range: number;
  readonly #chunk: number;
  /** Rows of a cell. */
  readonly #height: number;
  readonly #start: VarExpr;

  constructor(piece: FormedPiece, splits: readonly SplitSum[], column: Dim, rows: Dim, profile: Profile) {
    this.#piece = piece;
    this.#splits = splits;
    this.#column = column;
    this.#rows = rows;
    this.#profile = profile;
    this.#width = Math.ceil(sizeMax(column) / LANES) * LANES;
    this.#range = upper(splits[0].reduction.extent);
    const chunks = Math.ceil(this.#range / Math.max(LANES, Math.floor(CHUNK_BYTES / (4 * this.#width))));
    this.#chunk = Math.ceil(this.#range / chunks);
    this.#height = this.#heightOf();
    this.#start = variable('_chunk_start', this.#range);
  }

  get totalsBytes(): number {
    return this.#bytesOf(this.#height);
  }

  nest(name: string): LoopNest {
    const chunk = variable('_chunk', Math.ceil(this.#range / this.#chunk));
    const body: readonly Stmt[] = [
      { kind: 'let', v: this.#start, value: imul(chunk, this.#chunk) },
      ...this.#splits.flatMap((s, i) => this.#fill(s, i)),
      ...this.#splits.flatMap((s, i) => this.#add(s, i)),
    ];
    return {
      name, place: this.#piece.root.origin.place, lanes: 1,
      grid: this.#piece.domain.filter((d) => d !== this.#column)
        .map((d) => gridDim(d, d === this.#rows ? this.#height : 1)),
      locals: this.#splits.flatMap((s, i) => this.#memory(i, isComputed(s))),
      body: [
        ...this.#splits.map((_, i) => this.#clear(i)),
        { kind: 'loop', loop: { v: chunk, extent: constI(chunk.bound), tag: 'serial', vector: 1 }, body },
        this.#store(),
      ],
    };
  }

  #heightOf(): number {
    const others = this.#piece.domain.filter((d) => d !== this.#column && d !== this.#rows)
      .reduce((n, d) => n * sizeMax(d), 1);
    const { rows } = this.#profile.vectors;
    const fits = (height: number): boolean => others * Math.ceil(sizeMax(this.#rows) / height) >= LEAST_CELLS
      && this.#bytesOf(height) <= TOTALS_BYTES;
    let blocks = Math.max(1, Math.floor(MOST_ROWS / rows));
    while (blocks > LEAST_BLOCKS && !fits(blocks * rows)) blocks -= 1;
    return blocks * rows;
  }

  #bytesOf(height: number): number {
    return 4 * height * this.#width * this.#splits.length;
  }

  #memory(i: number, computed: boolean): readonly LocalArray[] {
    const panel: LocalArray = { name: panelName(i), type: 'f32', size: this.#chunk * this.#height };
    const totals: LocalArray = { name: totalsName(i), type: 'f32', size: this.#height * this.#width };
    const columns: LocalArray = { name: columnsName(i), type: 'f32', size: this.#chunk * this.#width };
    return computed ? [panel, totals, columns] : [panel, totals];
  }

  #clear(i: number): Stmt {
    const v = variable('_cleared', this.#height * this.#width);
    return {
      kind: 'loop', loop: laneLoop({ v, extent: constI(v.bound) }, this.#profile),
      body: [{ kind: 'store', buffer: totalsName(i), index: v, value: constF(0) }],
    };
  }

  /** How much of the range is in the chunk. */
  get #length(): Expr {
    if (this.#range % this.#chunk === 0) return constI(this.#chunk);
    return intExpr('min', constI(this.#chunk), iadd(constI(this.#range), imul(this.#start, -1)));
  }

  /** Rows of the cell that there are. */
  get #present(): Expr {
    if (sizeMax(this.#rows) % this.#height === 0) return constI(this.#height);
    return intExpr('min', constI(this.#height), iadd(this.#rows.extent, imul(this.#rows.v, -1)));
  }

  /** Lays the rows' factor side by side: entry `k` of row `r` at `k · height + r`. */
  #fill(split: SplitSum, i: number): readonly Stmt[] {
    const { v } = split.reduction;
    const k = variable('_k', this.#chunk);
    const r = variable('_row', this.#height);
    const at = new Map([[v.name, iadd(this.#start, k)], [this.#rows.v.name, iadd(this.#rows.v, r)]]);
    const value = substitute(split.still, at);
    const store: Stmt = { kind: 'store', buffer: panelName(i), index: iadd(imul(k, this.#height), r), value };
    const alongRows = runsAlong([value], r.name);
    const ofK = { v: k, extent: this.#length };
    const ofRow = { v: r, extent: this.#present };
    const [outer, inner] = alongRows ? [ofK, ofRow] : [ofRow, ofK];
    const filled: Stmt = {
      kind: 'loop', loop: { ...outer, tag: 'serial', vector: 1 },
      body: [{ kind: 'loop', loop: laneLoop(inner, this.#profile), body: [store] }],
    };
    return isComputed(split) ? [filled, this.#fillColumns(split, i)] : [filled];
  }

  #fillColumns({ reduction: { v }, moving }: SplitSum, i: number): Stmt {
    const k = variable('_k', this.#chunk);
    const value = substitute(moving, new Map([[v.name, iadd(this.#start, k)]]));
    const store: Stmt = {
      kind: 'store', buffer: columnsName(i), index: iadd(imul(k, this.#width), this.#column.v), value,
    };
    return {
      kind: 'loop', loop: { v: k, extent: this.#length, tag: 'serial', vector: 1 },
      body: [{ kind: 'loop', loop: laneLoop(this.#column, this.#profile), body: [store] }],
    };
  }

  /** Adds what a chunk makes of a reduction to its totals. */
  #add(split: SplitSum, i: number): readonly Stmt[] {
    const { v } = split.reduction;
    const k = variable('_k', this.#chunk);
    const row: Dim = { v: variable('_row', this.#height), extent: constI(this.#height) };
    const moving = isComputed(split)
      ? load(columnsName(i), iadd(imul(k, this.#width), this.#column.v), 'f32')
      : substitute(split.moving, new Map([[v.name, iadd(this.#start, k)]]));
    const still = load(panelName(i), iadd(imul(k, this.#height), row.v), 'f32');
    const total = reduce('sum', k, this.#length, op('mul', [still, moving]));
    const index = iadd(imul(row.v, this.#width), this.#column.v);
    const piece: Piece = {
      root: this.#piece.root, domain: [row, this.#column], stores: [{ buffer: totalsName(i), index, value: total }],
    };
    const step = this.#profile.vectors.rows;
    const block = variable('_rows', this.#height / step);
    const form: ContractForm = { kind: 'contract', reductions: [total] };
    return [{
      kind: 'loop', loop: { v: block, extent: constI(block.bound), tag: 'serial', vector: 1 },
      body: columnLoops({ ...piece, form }, form, this.#column, new Map([[row, step]]), this.#profile, {
        base: new Map([[row.v.name, imul(block, step)]]), adds: true,
      }),
    }];
  }

  /** Stores what follows from the totals. */
  #store(): Stmt {
    const r = variable('_row', this.#height);
    const at = new Map([[this.#rows.v.name, iadd(this.#rows.v, r)]]);
    const totals = this.#splits.map((_, i) => variable(`_sum${i}`, Infinity, 'f32'));
    const known = new Map(this.#splits.map(({ reduction }, i): [string, Expr] => [reduction.key, totals[i]]));
    const index = iadd(imul(r, this.#width), this.#column.v);
    const body: readonly Stmt[] = [
      ...totals.map((v, i): Stmt => ({ kind: 'let', v, value: load(totalsName(i), index, 'f32') })),
      ...this.#piece.stores.map((s): Stmt => ({
        kind: 'store', buffer: s.buffer, index: substitute(s.index, at),
        value: substitute(replaceByKey(s.value, known), at),
      })),
    ];
    return {
      kind: 'loop', loop: { v: r, extent: this.#present, tag: 'serial', vector: 1 },
      body: [{ kind: 'loop', loop: laneLoop(this.#column, this.#profile), body }],
    };
  }
}

const isComputed = ({ moving }: SplitSum): boolean => moving.kind !== 'load';

const panelName = (i: number): string => `local:panel${i}`;
const totalsName = (i: number): string => `local:totals${i}`;
const columnsName = (i: number): string => `local:columns${i}`;
