import { op, type Expr, type ReduceExpr } from '../expr/expr.ts';
import { findAll, isReduce, outerReductions, substitute } from '../expr/rewrite.ts';
import { factorsOf } from './normalize.ts';
import type { Dim, Piece } from './piece.ts';
import { scatterForm, type ScatterForm } from './scatter.ts';

/**
 * The shapes of computation that schedules exist for. What has none of these shapes is not one kernel: some value
 * inside must be stored first. Fusion is legal exactly where a form is found.
 */
export type Form = MapForm | ContractForm | RowsForm | OnlineForm | ScatterForm;

/** No reduction: every point on its own. */
export interface MapForm { readonly kind: 'map' }

/** Reductions over one range, one total (or several) for each point: contractions, row sums, gate and up. */
export interface ContractForm { readonly kind: 'contract'; readonly reductions: readonly ReduceExpr[] }

/** Reductions that do not vary along the inner dimensions, then a sweep over those: layer norm, softmax. */
export interface RowsForm {
  readonly kind: 'rows'; readonly rows: readonly Dim[]; readonly inner: readonly Dim[];
  /** In the order of computation: a later one may use the totals of earlier ones. */
  readonly reductions: readonly ReduceExpr[];
}

/** Sums of e^(score − max score)·f over one range, in one pass over it with a running maximum. */
export interface OnlineForm {
  readonly kind: 'online'; readonly rows: readonly Dim[]; readonly inner: readonly Dim[];
  readonly max: ReduceExpr;
  /** The sums, each with the factors besides the exponential. */
  readonly sums: readonly OnlineSum[];
  /** Reductions inside the score that do not vary along the range; computed once, before it. */
  readonly before: readonly ReduceExpr[];
}

export interface OnlineSum { readonly total: ReduceExpr; readonly weight: Expr | undefined }

const MAX_TOTALS = 4;

export function formOf(piece: Piece): Form | undefined {
  const outer = reductionsOf(piece);
  if (outer.length === 0) return { kind: 'map' };
  return scatterForm(piece) ?? contractForm(piece, outer) ?? onlineForm(piece, outer) ?? rowsForm(piece, outer);
}

function reductionsOf(piece: Piece): readonly ReduceExpr[] {
  const all = new Map<string, ReduceExpr>();
  for (const s of piece.stores) for (const r of outerReductions(s.value)) all.set(r.key, r);
  return [...all.values()];
}

const nested = (r: ReduceExpr): readonly ReduceExpr[] => outerReductions(r.body);

const dependsOn = (e: Expr, dims: readonly Dim[]): readonly Dim[] => dims.filter((d) => e.free.has(d.v.name));

function contractForm(piece: Piece, outer: readonly ReduceExpr[]): ContractForm | undefined {
  if (outer.length > MAX_TOTALS) return undefined;
  const [first] = outer;
  const oneRange = outer.every((r) =>
    r.extent.key === first.extent.key && r.monoid === first.monoid && nested(r).length === 0);
  const wide = outer.some((r) => dependsOn(r, piece.domain).length === piece.domain.length);
  return oneRange && wide ? { kind: 'contract', reductions: outer } : undefined;
}

/**
 * All reductions in an order in which each comes after those it uses; undefined when one depends on another's variable.
 */
function inOrder(outer: readonly ReduceExpr[], domain: ReadonlySet<string>): readonly ReduceExpr[] | undefined {
  const order = new Map<string, ReduceExpr>();
  for (const r of outer) {
    for (const e of findAll(r, isReduce)) {
      if (!isReduce(e)) continue;
      if ([...e.free].some((name) => !domain.has(name))) return undefined;
      order.set(e.key, e);
    }
  }
  return [...order.values()];
}

function rowsForm(piece: Piece, outer: readonly ReduceExpr[]): RowsForm | undefined {
  const names = new Set(piece.domain.map((d) => d.v.name));
  const reductions = inOrder(outer, names);
  if (reductions === undefined || reductions.length > MAX_TOTALS) return undefined;
  const rows = piece.domain.filter((d) => reductions.some((r) => r.free.has(d.v.name)));
  const inner = piece.domain.filter((d) => !rows.includes(d));
  // A reduction's own variable may carry the name of a dimension; it must not hide one that it also needs.
  if (reductions.some((r) => rows.some((d) => d.v.name === r.v.name))) return undefined;
  return { kind: 'rows', rows, inner, reductions };
}

function onlineForm(piece: Piece, outer: readonly ReduceExpr[]): OnlineForm | undefined {
  const split = outer.map(splitExponential);
  const [first] = split;
  if (first === undefined) return undefined;
  const sums: OnlineSum[] = [];
  for (const s of split) {
    if (s === undefined || s.max.key !== first.max.key) return undefined;
    sums.push({ total: s.total, weight: s.weight });
  }
  const score = first.max.body;
  const rows = piece.domain.filter((d) => first.max.free.has(d.v.name));
  const inner = piece.domain.filter((d) => !rows.includes(d));
  if (sums.some((s) => s.weight !== undefined && outerReductions(s.weight).length > 0)) return undefined;
  // Values used beside the totals must not need another pass.
  const before = staticReductions(score, first.max, rows);
  if (before === undefined || inner.length > 1) return undefined;
  return { kind: 'online', rows, inner, max: first.max, sums, before };
}

/** Reads Σₖ e^(s − maxₖ s)·w as its parts. */
function splitExponential(r: ReduceExpr): { total: ReduceExpr; max: ReduceExpr; weight: Expr | undefined } | undefined {
  if (r.monoid !== 'sum') return undefined;
  const { over, under } = factorsOf(r.body);
  if (under.length > 0) return undefined;
  const at = over.findIndex((f) => f.kind === 'op' && f.op === 'exp');
  const power = over[at];
  if (power === undefined || power.kind !== 'op') return undefined;
  const [exponent] = power.args;
  if (exponent.kind !== 'op' || exponent.op !== 'sub') return undefined;
  const [score, max] = exponent.args;
  if (!isReduce(max) || max.monoid !== 'max' || max.extent.key !== r.extent.key) return undefined;
  const own = substitute(max.body, new Map([[max.v.name, r.v]]));
  if (own.key !== score.key) return undefined;
  const rest = over.filter((_, i) => i !== at);
  return { total: r, max, weight: rest.length === 0 ? undefined : rest.reduce((a, b) => op('mul', [a, b])) };
}

/**
 * The score's inner reductions must be one level deep, besides ones that do not vary along the range and depend on one
 * loop variable only: these become a small table that is filled before the range is walked.
 */
function staticReductions(score: Expr, max: ReduceExpr, rows: readonly Dim[]): readonly ReduceExpr[] | undefined {
  const before: ReduceExpr[] = [];
  for (const r of outerReductions(score)) {
    for (const inside of nested(r)) {
      const foreign = [...inside.free].filter((name) => !rows.some((d) => d.v.name === name));
      const only = foreign.length === 1 && foreign[0] === r.v.name && nested(inside).length === 0;
      if (!only || inside.free.has(max.v.name)) return undefined;
      before.push(inside);
    }
  }
  return before;
}
