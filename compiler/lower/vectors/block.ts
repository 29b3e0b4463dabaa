import { constI, intExpr, load, variable, type Expr, type ReduceExpr, type VarExpr } from '../../expr/expr.ts';
import { iadd, imul } from '../../expr/int.ts';
import { replaceByKey, substitute } from '../../expr/rewrite.ts';
import type { ContractForm } from '../../fuse/form.ts';
import type { FormedPiece } from '../../fuse/fuse.ts';
import type { Dim } from '../../fuse/piece.ts';
import type { Loop, LoopNest, Stmt, Total } from '../../loop/ir.ts';
import { gridDim, guarded, stepped } from '../common.ts';
import { LANES } from '../../fuse/strides.ts';
import type { BlockSizes } from './sizes.ts';

export type Fold = Extract<Stmt, { kind: 'fold' }>;

/** One result of a block: how far it lies from the block's first along each dimension. */
type Offsets = ReadonlyMap<Dim, number>;

export interface BlockOptions {
  /** How far neighbours of the block lie apart; 1 where nothing else is said. */
  readonly apart?: ReadonlyMap<Dim, number>;
  /** What stands for a dimension's variable; such a dimension has room for the whole block. */
  readonly base?: ReadonlyMap<string, Expr>;
  /** Whether results are added to what is stored. */
  readonly adds?: true;
}

/** The totals of a block of results, and the stores that end them. */
export class ResultBlock {
  readonly #piece: FormedPiece;
  readonly #form: ContractForm;
  readonly #sizes: BlockSizes;
  readonly #apart: ReadonlyMap<Dim, number>;
  readonly #base: ReadonlyMap<string, Expr>;
  readonly #adds: true | undefined;
  readonly #points: readonly Offsets[];
  /** Totals by key, for each reduction; points that share one have it once. */
  readonly #totals: readonly Map<string, Total>[];
  /** For each point the totals of all reductions. */
  readonly #values: readonly (readonly VarExpr[])[];

  constructor(
    piece: FormedPiece, form: ContractForm, sizes: BlockSizes,
    { apart = new Map(), base = new Map(), adds }: BlockOptions = {},
  ) {
    this.#piece = piece;
    this.#form = form;
    this.#sizes = sizes;
    this.#apart = apart;
    this.#base = base;
    this.#adds = adds;
    this.#points = this.#allPoints();
    this.#totals = form.reductions.map(() => new Map());
    this.#values = this.#points.map((p) => form.reductions.map((r, i) => this.#total(r, i, p)));
  }

  /** A nest with a cell for each block; a dimension that the body runs over itself is none of the grid's. */
  nest(name: string, body: readonly Stmt[], without?: Dim): LoopNest {
    const grid = this.#piece.domain.filter((d) => d !== without).map((d) => gridDim(d, this.#sizes.get(d) ?? 1));
    return { name, place: this.#piece.root.origin.place, grid, lanes: 1, locals: [], body };
  }

  fold(vector: Loop['vector']): Fold {
    return this.#foldOf(vector, this.#totals.flatMap((of) => [...of.values()]));
  }

  /** One fold after the other, so that the totals of one reduction at a time take registers. */
  foldsApart(vector: Loop['vector']): readonly Fold[] {
    return this.#totals.filter((of) => of.size > 0).map((of) => this.#foldOf(vector, [...of.values()]));
  }

  /**
   * One fold for each total, which is split into chains: what each reads is read from its beginning to its end, and
   * all totals of a point before those of the next.
   */
  foldsInTurn(vector: Loop['vector'], chains: number): readonly Fold[] {
    const byName = new Map(this.#totals.flatMap((of) => [...of.values()]).map((t) => [t.v.name, t]));
    const inOrder = [...new Set(this.#values.flat().map((v) => v.name))];
    return inOrder.flatMap((name) => byName.get(name) ?? []).map((t): Fold => {
      const fold = this.#foldOf(vector, [t]);
      return { ...fold, loop: { ...fold.loop, chains } };
    });
  }

  #foldOf(vector: Loop['vector'], totals: readonly Total[]): Fold {
    const [{ v, extent }] = this.#form.reductions;
    return { kind: 'fold', loop: { v, extent, tag: 'serial', vector }, totals };
  }

  /** The stores of every point. */
  stores(): readonly Stmt[] {
    return this.#points.flatMap((point, i) => {
      const known = new Map(this.#form.reductions.map((r, k): [string, Expr] => [r.key, this.#values[i][k]]));
      const at = this.#place(point, (d, n) => iadd(this.#base.get(d.v.name) ?? d.v, constI(n)));
      return this.#guarded(point, this.#storesAt(known, at));
    });
  }

  /** As `stores`, over vectors along one dimension of the block, whose totals are put side by side first. */
  storesAlong(columns: Dim): readonly Stmt[] {
    const count = this.#sizes.get(columns) ?? 1;
    const lane = variable(`_${columns.v.name}_lane`, count);
    const left = iadd(columns.extent, imul(columns.v, -1));
    const fits = columns.extent.kind === 'const' && columns.extent.value % count === 0;
    const extent = fits ? constI(count) : intExpr('min', constI(count), left);
    const arrays = this.#form.reductions.map((_, k): Stmt =>
      ({ kind: 'array', name: `local:totals${k}`, values: this.#values.map((v) => v[k]) }));
    const rows = this.#points.filter((p) => p.get(columns) === 0);
    return [...arrays, ...rows.flatMap((point, i) => {
      const here = iadd(lane, constI(i * count));
      const known = new Map(this.#form.reductions.map((r, k): [string, Expr] =>
        [r.key, load(`local:totals${k}`, here, 'f32')]));
      const at = new Map(this.#place(point, (d, n) => iadd(d.v, constI(n)))).set(columns.v.name, iadd(columns.v, lane));
      const loop: Loop = { v: lane, extent, tag: 'lane', vector: LANES };
      return this.#guarded(point, [{ kind: 'loop', loop, body: this.#storesAt(known, at) }]);
    })];
  }

  #storesAt(known: ReadonlyMap<string, Expr>, at: ReadonlyMap<string, Expr>): readonly Stmt[] {
    return this.#piece.stores.map((s): Stmt => ({
      kind: 'store',
      buffer: s.buffer,
      index: substitute(s.index, at),
      value: substitute(replaceByKey(s.value, known), at),
      ...(this.#adds === undefined ? {} : { adds: this.#adds }),
    }));
  }

  /** Points beyond the end of a dimension store nothing. */
  #guarded(point: Offsets, body: readonly Stmt[]): readonly Stmt[] {
    return [...point].reduce<readonly Stmt[]>((inner, [d, n]) =>
      (n === 0 || this.#base.has(d.v.name) ? inner : guarded(d, this.#sizes.get(d) ?? 1, constI(n), inner)), body);
  }

  #allPoints(): readonly Offsets[] {
    return [...this.#sizes].reduce<readonly Offsets[]>(
      (points, [d, count]) => points.flatMap((p) =>
        Array.from({ length: count }, (_, i): Offsets => new Map([...p, [d, i * (this.#apart.get(d) ?? 1)]]))),
      [new Map()],
    );
  }

  #place(point: Offsets, move: (d: Dim, n: number) => Expr): ReadonlyMap<string, Expr> {
    return new Map([...this.#base, ...[...point].map(([d, n]): [string, Expr] => [d.v.name, move(d, n)])]);
  }

  /** One accumulator for each different total: results that share one share it. */
  #total(r: ReduceExpr, index: number, point: Offsets): VarExpr {
    const { v } = this.#form.reductions[0];
    const inside = (d: Dim, n: number): Expr => {
      const base = this.#base.get(d.v.name);
      return base === undefined ? stepped(d, this.#sizes.get(d) ?? 1, n) : iadd(base, constI(n));
    };
    const own = substitute(r, this.#place(point, inside));
    if (own.kind !== 'reduce') throw new Error('lower: a reduction was expected');
    const known = this.#totals.map((of) => of.get(own.key)).find((t) => t !== undefined);
    if (known !== undefined) return known.v;
    const count = this.#totals.reduce((n, of) => n + of.size, 0);
    const total = variable(`_total${count}`, Infinity, 'f32');
    const value = substitute(own.body, new Map([[own.v.name, v]]));
    this.#totals[index].set(own.key, { v: total, monoid: own.monoid, value });
    return total;
  }
}
