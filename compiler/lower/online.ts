import { constF, constI, intExpr, load, op, variable, type Expr, type ReduceExpr, type VarExpr } from '../expr/expr.ts';
import { iadd, imul } from '../expr/int.ts';
import { outerReductions, replaceByKey, substitute } from '../expr/rewrite.ts';
import type { OnlineForm, OnlineSum } from '../fuse/form.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim } from '../fuse/piece.ts';
import type { LocalArray, Loop, LoopNest, Stmt } from '../loop/ir.ts';
import { rowLanes, type Profile } from '../loop/schedule.ts';
import { gridDim, laneLoop, reductionLoop, sizeMax } from './common.ts';
import { lowerOnlineRow } from './online-row.ts';
import { lowerOnlineTiles } from './online-tiles.ts';
import { gathersNothing, LANES, loadsIn, runsAlong } from '../fuse/strides.ts';
import { storeByFours, sumsAlong } from './vectors/online.ts';

const LOWEST = constF(-3.4028234663852886e38);

/**
 * Σₖ e^(s(k) − max s)·f(k) in one pass over k (Milakov and Gimelshein, arXiv 1805.02867): chunk by chunk, scores are
 * computed, the running maximum grows, and earlier sums are scaled by e^(old maximum − new maximum). The lanes of a
 * subgroup take a tile of rows where these share a range, or one row; any other cell takes a row through shared memory.
 */
export const lowerOnline = (piece: FormedPiece, form: OnlineForm, name: string, profile: Profile): LoopNest =>
  lowerOnlineTiles(piece, form, name, profile) ?? lowerOnlineRow(piece, form, name, profile)
    ?? lowerOnlineRows(piece, form, name, profile);

/**
 * Each row alone: scores go to shared memory, and so do the sums that vary along the inner dimension, each entry by the
 * lane that owns it.
 */
function lowerOnlineRows(piece: FormedPiece, form: OnlineForm, name: string, profile: Profile): LoopNest {
  const parts = new OnlineParts(form, profile);
  const body: Stmt[] = [
    ...parts.tables.flatMap((t) => fillTable(t, profile)),
    ...parts.sums.map((sum) => clearSum(sum, profile)),
    { kind: 'state', v: MAX, value: LOWEST },
    ...(parts.tables.length > 0 ? [BARRIER] : []),
    {
      kind: 'loop',
      loop: { v: CHUNK_INDEX, extent: parts.chunks, tag: 'serial', vector: 1 },
      body: chunkBody(form, parts),
    },
    ...epilogue(piece, form, parts),
  ];
  return {
    name,
    place: piece.root.origin.place,
    grid: rowsInOrder(form, profile).map((d) => gridDim(d)),
    lanes: rowLanes(profile),
    locals: parts.locals,
    body,
  };
}

/**
 * A thread takes rows one after the other: those that read the same keys follow each other, so that a cache holds the
 * keys. To lanes, whose cells run side by side, the order is all one.
 */
function rowsInOrder(form: OnlineForm, profile: Profile): readonly Dim[] {
  if (profile.cells === 'lanes') return form.rows;
  const overRange = [form.max, ...form.sums.map((s) => s.total)].flatMap((r) =>
    loadsIn(r.body).filter((l) => l.free.has(r.v.name)));
  const selects = (d: Dim): boolean => overRange.some((l) => l.free.has(d.v.name));
  return [...form.rows.filter(selects), ...form.rows.filter((d) => !selects(d))];
}

const BARRIER: Stmt = { kind: 'barrier' };
const MAX = variable('_highest', Infinity, 'f32');
const NEXT_MAX = variable('_next_highest', Infinity, 'f32');
const CHUNK_MAX = variable('_chunk_highest', Infinity, 'f32');
const SCALE = variable('_scale', Infinity, 'f32');
const CHUNK_INDEX = variable('_chunk', Infinity);
const WEIGHTS = 'local:weights';

/** Number of an entry of a chunk. */
const entryOf = ({ onlineChunk }: Profile): VarExpr => variable('_j', onlineChunk);

interface Table { readonly name: string; readonly source: ReduceExpr; readonly dim: Dim }

/** A running sum: a scalar, or an array along the inner dimension. */
interface RunningSum {
  readonly source: OnlineSum; readonly name: string; readonly along: Dim | undefined; readonly at: Expr;
}

/** The names and shapes that the statements share. */
class OnlineParts {
  readonly tables: readonly Table[];
  readonly sums: readonly RunningSum[];
  readonly locals: readonly LocalArray[];
  readonly chunks: Expr;
  readonly profile: Profile;

  constructor(form: OnlineForm, profile: Profile) {
    this.profile = profile;
    this.tables = form.before.map((source, i) => tableOf(form, source, `local:before${i}`));
    this.sums = form.sums.map((source, i) => runningSum(form, source, i));
    const { onlineChunk } = profile;
    this.chunks = intExpr('div', iadd(form.max.extent, constI(onlineChunk - 1)), constI(onlineChunk));
    this.locals = [
      { name: WEIGHTS, type: 'f32', size: onlineChunk },
      ...this.tables.map((t): LocalArray => ({ name: t.name, type: 'f32', size: t.dim.v.bound })),
      ...this.sums.flatMap((s): LocalArray[] =>
        (s.along === undefined ? [] : [{ name: s.name, type: 'f32', size: s.along.v.bound }])),
    ];
  }
}

/** A reduction inside the score that only the score's own contraction index varies. */
function tableOf(form: OnlineForm, source: ReduceExpr, name: string): Table {
  const owner = outerReductions(form.max.body).find((r) => source.free.has(r.v.name));
  if (owner === undefined) throw new Error('lower: a table without an index');
  return { name, source, dim: { v: owner.v, extent: owner.extent } };
}

function runningSum(form: OnlineForm, source: OnlineSum, i: number): RunningSum {
  const along = form.inner.find((d) => source.total.free.has(d.v.name));
  const name = along === undefined ? `_sum${i}` : `local:sum${i}`;
  const at = along === undefined ? variable(name, Infinity, 'f32') : load(name, along.v, 'f32');
  return { source, name, along, at };
}

/** Lanes take an entry each; vectors run along the table where its operands do, else along each entry's own range. */
function fillTable(t: Table, profile: Profile): readonly Stmt[] {
  const v = variable('_entry', Infinity, 'f32');
  const along = runsAlong([t.source.body], t.dim.v.name);
  const own = reductionLoop([t.source.body], t.source, 'serial', profile);
  const across = profile.cells === 'vectors' && along;
  return [{
    kind: 'loop',
    loop: { ...laneLoop(t.dim, profile), ...(across ? {} : { vector: 1 }) },
    body: [
      {
        kind: 'fold',
        loop: across ? { ...own, vector: 1 } : own,
        totals: [{ v, monoid: t.source.monoid, value: t.source.body }],
      },
      { kind: 'store', buffer: t.name, index: t.dim.v, value: v },
    ],
  }];
}

function clearSum(s: RunningSum, profile: Profile): Stmt {
  if (s.at.kind === 'var') return { kind: 'state', v: s.at, value: constF(0) };
  const along = dimOf(s);
  return {
    kind: 'loop',
    loop: laneLoop(along, profile),
    body: [{ kind: 'store', buffer: s.name, index: along.v, value: constF(0) }],
  };
}

function dimOf(s: RunningSum): Dim {
  if (s.along === undefined) throw new Error('lower: a scalar sum has no dimension');
  return s.along;
}

/** Index along the range of an entry of a chunk. */
const positionOf = (entry: Expr, { onlineChunk }: Profile): Expr => iadd(imul(CHUNK_INDEX, onlineChunk), entry);

function chunkBody(form: OnlineForm, parts: OnlineParts): readonly Stmt[] {
  const { profile } = parts;
  const { onlineChunk } = profile;
  const j = entryOf(profile);
  const inRange = op('lt', [positionOf(j, profile), form.max.extent]);
  const count = intExpr('min', constI(onlineChunk), iadd(form.max.extent, imul(CHUNK_INDEX, -onlineChunk)));
  // Lanes take a whole chunk at once; a thread would compute what lies beyond the range for nothing.
  const vectors = profile.cells === 'vectors';
  const all: Loop = { v: j, extent: vectors ? count : constI(onlineChunk), tag: 'lane', vector: 1 };
  const wide: Loop = { ...all, vector: vectors ? LANES : 1 };
  const weight = load(WEIGHTS, j, 'f32');
  const grown = op('select', [inRange, op('exp', [op('sub', [weight, NEXT_MAX])]), constF(0)]);
  return [
    vectors
      ? storeByFours({ v: j, count }, WEIGHTS, (entry) => scoreAt(form, parts, positionOf(entry, profile)), profile)
      : { kind: 'loop', loop: all, body: scoreBody(form, parts) },
    { kind: 'fold', loop: wide, totals: [{ v: CHUNK_MAX, monoid: 'max', value: weight }] },
    { kind: 'let', v: NEXT_MAX, value: op('max', [MAX, CHUNK_MAX]) },
    { kind: 'let', v: SCALE, value: op('exp', [op('sub', [MAX, NEXT_MAX])]) },
    { kind: 'loop', loop: wide, body: [{ kind: 'store', buffer: WEIGHTS, index: j, value: grown }] },
    BARRIER,
    ...parts.sums.map((s) => growSum(s, count, profile)),
    { kind: 'assign', v: MAX, value: NEXT_MAX },
    BARRIER,
  ];
}

/** The score at an index of the range. */
function scoreAt(form: OnlineForm, parts: OnlineParts, index: Expr): Expr {
  const read = new Map(parts.tables.map((t) => [t.source.key, load(t.name, t.dim.v, 'f32')]));
  return substitute(replaceByKey(form.max.body, read), new Map([[form.max.v.name, index]]));
}

function scoreBody(form: OnlineForm, parts: OnlineParts): readonly Stmt[] {
  const { profile } = parts;
  const j = entryOf(profile);
  // A lane beyond the range computes what the last one in it does, and drops it.
  const score = scoreAt(form, parts, intExpr('min', positionOf(j, profile), iadd(form.max.extent, constI(-1))));
  const body: Stmt[] = [];
  const totals = new Map<string, Expr>();
  outerReductions(score).forEach((r, i) => {
    const v = variable(`_score${i}`, Infinity, 'f32');
    body.push({
      kind: 'fold',
      loop: reductionLoop([r.body], r, 'serial', profile),
      totals: [{ v, monoid: r.monoid, value: r.body }],
    });
    totals.set(r.key, v);
  });
  const inRange = op('lt', [positionOf(j, profile), form.max.extent]);
  const value = op('select', [inRange, replaceByKey(score, totals), LOWEST]);
  return [...body, { kind: 'store', buffer: WEIGHTS, index: j, value }];
}

function growSum(s: RunningSum, count: Expr, profile: Profile): Stmt {
  const fresh = variable('_fresh', Infinity, 'f32');
  const j = entryOf(profile);
  const p = load(WEIGHTS, j, 'f32');
  const factor = s.source.weight;
  const value = factor === undefined
    ? p
    : op('mul', [p, substitute(factor, new Map([[s.source.total.v.name, positionOf(j, profile)]]))]);
  const alone = profile.cells === 'vectors' && s.at.kind === 'var';
  const fold: Extract<Stmt, { kind: 'fold' }> = {
    kind: 'fold',
    loop: { v: j, extent: count, tag: 'serial', vector: alone && gathersNothing([value], j.name) ? LANES : 1 },
    totals: [{ v: fresh, monoid: 'sum', value }],
  };
  const grown = op('add', [op('mul', [s.at, SCALE]), fresh]);
  if (s.at.kind === 'var') {
    return { kind: 'loop', loop: ONCE, body: [fold, { kind: 'assign', v: s.at, value: grown }] };
  }
  const along = dimOf(s);
  if (profile.cells === 'vectors' && sizeMax(along) >= LANES) {
    const at = (e: Expr, entry: Expr): Expr => substitute(e, new Map([[along.v.name, entry]]));
    return sumsAlong(along, fold.loop, (entry) => at(value, entry), (entry, sum) => ({
      kind: 'store', buffer: s.name, index: entry, value: at(replaceByKey(grown, new Map([[fresh.key, sum]])), entry),
    }));
  }
  return {
    kind: 'loop',
    loop: laneLoop(along, profile),
    body: [fold, { kind: 'store', buffer: s.name, index: along.v, value: grown }],
  };
}

/** A block of its own: names inside do not clash with those of the next sum. */
const ONCE: Loop = { v: variable('_once', 1), extent: constI(1), tag: 'unrolled', vector: 1 };

function epilogue(piece: FormedPiece, form: OnlineForm, parts: OnlineParts): readonly Stmt[] {
  const totals = new Map(parts.sums.map((s) => [s.source.total.key, s.at]));
  totals.set(form.max.key, MAX);
  const stores = piece.stores.map((s): Stmt => ({
    kind: 'store', buffer: s.buffer, index: s.index, value: replaceByKey(s.value, totals),
  }));
  if (form.inner.length === 0) return stores;
  return [{ kind: 'loop', loop: laneLoop(form.inner[0], parts.profile), body: stores }];
}
