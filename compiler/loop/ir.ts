import type { Monoid } from '../../dsl/node.ts';
import type { Place } from '../../dsl/errors.ts';
import type { Expr, Type, VarExpr } from '../expr/expr.ts';

/**
 * LoopIR: what a kernel does, for no particular target. Loops carry a tag that says how they run; a target maps `grid`
 * cells to workgroups or threads, `lane` loops to the lanes that share a cell, and `serial` loops to loops.
 */
export type LoopTag = 'lane' | 'serial' | 'unrolled';

export interface Loop {
  readonly v: VarExpr;
  readonly extent: Expr;
  readonly tag: LoopTag;
  /** How far `v` moves at each turn. With `vector`, four values of `v` are taken at once. */
  readonly vector: 1 | 4;
  /**
   * Of a fold over vectors: into how many partial totals each total is split, so that none waits for another. Lanes add
   * four terms in pairs, or one after the other where there is 1.
   */
  readonly chains?: number;
}

export type Stmt =
  | { readonly kind: 'let'; readonly v: VarExpr; readonly value: Expr }
  /** A scalar that later statements assign. */
  | { readonly kind: 'state'; readonly v: VarExpr; readonly value: Expr }
  | { readonly kind: 'assign'; readonly v: VarExpr; readonly value: Expr }
  | { readonly kind: 'loop'; readonly loop: Loop; readonly body: readonly Stmt[] }
  | { readonly kind: 'guard'; readonly condition: Expr; readonly body: readonly Stmt[] }
  /** Scalars side by side, so that a loop can take them by index; loads name the array as they name a buffer. */
  | { readonly kind: 'array'; readonly name: string; readonly values: readonly Expr[] }
  | Fold
  /** With `adds`, the value is added to what the same lane has stored there before. */
  | {
    readonly kind: 'store'; readonly buffer: string; readonly index: Expr; readonly value: Expr; readonly adds?: true;
  }
  /**
   * All lanes of a cell have finished what is above before any starts what is below. Where parts share a cell it stands
   * in no loop and no guard, because they take different turns.
   */
  | { readonly kind: 'barrier' };

/** Totals over a loop; afterwards every lane has them. */
export interface Fold {
  readonly kind: 'fold';
  readonly loop: Loop;
  readonly totals: readonly Total[];
  readonly spreads?: readonly Spread[];
  /**
   * Dealt arrays that get the totals instead of their variables, in order and evenly many each: the i-th of an array
   * goes to lane `i`. There are no more totals than lanes, and they are sums. They are added up while they are dealt,
   * which takes about one step for each lane.
   */
  readonly dealtTo?: readonly string[];
}

export interface Total {
  readonly v: VarExpr;
  readonly monoid: Monoid;
  readonly value: Expr;
}

/**
 * Values of one turn of a fold that the lanes of a cell compute for each other, one each: lane `i` computes `value` with
 * `i` for `lane`, and all lanes have it as the i-th of `values`. There are no more of them than lanes, and as many in each
 * spread of a fold.
 */
export interface Spread {
  readonly lane: VarExpr;
  readonly value: Expr;
  readonly values: readonly VarExpr[];
}

/** Memory that the lanes of one cell share. Loads and stores name it as they name a buffer. */
export interface LocalArray {
  readonly name: string;
  readonly type: Type;
  readonly size: number;
  /**
   * Set where entries are dealt to the lanes of a subgroup, as many side by side to each in turn, and stay in their
   * registers: no barrier is needed. A lane stores its own entries only; it loads its own, or one that all lanes load.
   */
  readonly dealt?: 1 | 4;
  /** Whether it is stored and loaded four neighbours at a time, from multiples of four, and never else. */
  readonly fours?: true;
}

/** One dimension of the grid; `step` points of it belong to one cell. */
export interface GridDim {
  readonly v: VarExpr;
  readonly extent: Expr;
  readonly step: number;
}

/**
 * Subgroups that share a cell. Each runs the whole body, with lanes, folds, scalars and dealt arrays of its own, and
 * other arrays are one for all of them; `v` is the number of one. A store outside of lane loops is done once by each.
 */
export interface Parts {
  readonly v: VarExpr;
  readonly count: number;
}

/** A grid of independent cells, each run by `lanes` lanes, or by as many of each part. */
export interface LoopNest {
  readonly name: string;
  readonly place: Place | undefined;
  readonly grid: readonly GridDim[];
  readonly lanes: number;
  readonly parts?: Parts;
  readonly locals: readonly LocalArray[];
  readonly body: readonly Stmt[];
}

/** A nest whose body names stored values as their kind does, with the key of the value that each name stands for. */
export interface BoundNest extends LoopNest {
  readonly values: ReadonlyMap<string, string>;
  /** Threads of a workgroup where a cell is a single thread. */
  readonly threads: number;
}
