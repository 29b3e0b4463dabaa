import { constF, constI, intExpr, load, op, reduce, variable, type Expr } from '../expr/expr.ts';
import { iadd, imul } from '../expr/int.ts';
import { outerReductions, replaceByKey, substitute } from '../expr/rewrite.ts';
import type { OnlineForm, OnlineSum } from '../fuse/form.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim } from '../fuse/piece.ts';
import type { LocalArray, Loop, LoopNest, Stmt } from '../loop/ir.ts';
import type { Profile } from '../loop/schedule.ts';
import { gridDim, guarded, laneLoop, reductionLoop, sizeMax, takesFour } from './common.ts';
import { loadsIn } from './strides.ts';
import {
  crossingOf, inLanes, overTile, serial, tileFold, within, type Crossing, type Tile,
} from './tile.ts';

const LOWEST = constF(-3.4028234663852886e38);
const BARRIER: Stmt = { kind: 'barrier' };
const CHUNK_INDEX = variable('_chunk', Infinity);
/** No tile has more rows. */
const MOST_ROWS = 32;
/** Row of a tile, and entry of a chunk, as the factors of scores name them. */
const [M, N] = [variable('_m', MOST_ROWS), variable('_n', Infinity)];
const ROW = variable('_tile_row', MOST_ROWS);
const J = variable('_j', Infinity);
const PASS = variable('_pass', Infinity);
const [WEIGHTS, HIGHEST, SCALES] = ['local:weights', 'local:highest', 'local:scales'];

/** A sum along the range: one number for each row, or one for each entry of the inner dimension. */
interface RowSum { readonly source: OnlineSum; readonly name: string; readonly along: Dim | undefined; readonly size: number }

/** What all statements of a nest of tiles know. */
interface Parts {
  readonly form: OnlineForm;
  readonly profile: Profile;
  readonly lanes: number;
  /** The dimension of the rows; undefined where a tile has one row. */
  readonly m: Dim | undefined;
  readonly rows: number;
  /** Entries of the range that are taken between two rescalings. */
  readonly chunk: number;
  readonly sums: readonly RowSum[];
  /** Reductions inside the score that do not vary along the range, kept for each row. */
  readonly tables: readonly { readonly name: string; readonly source: OnlineForm['before'][number]; readonly dim: Dim }[];
}

/**
 * As `lowerOnline`, by the lanes of one subgroup: scores are a tile of rows and entries, and so are the sums of what the
 * entries weigh. What lies along the range is read once for all rows of a tile, which are as many as look along the same
 * range, or one. Undefined where scores are no products of rows and entries.
 */
export function lowerOnlineTiles(
  piece: FormedPiece, form: OnlineForm, name: string, profile: Profile,
): LoopNest | undefined {
  const parts = partsOf(form, profile);
  if (parts === undefined) return undefined;
  const scores = scoresOf(parts);
  const weighed = parts.sums.map((s) => (s.along === undefined ? undefined : weighedBy(s, parts)));
  if (scores === undefined || parts.sums.some((s, i) => s.along !== undefined && weighed[i] === undefined)) return undefined;
  const chunks = intExpr('div', iadd(form.max.extent, constI(parts.chunk - 1)), constI(parts.chunk));
  return {
    name, place: piece.root.origin.place,
    grid: form.rows.map((d) => gridDim(d, d === parts.m ? parts.rows : 1)),
    lanes: parts.lanes, locals: localsOf(parts),
    body: [
      ...parts.tables.map((t) => filled(t, parts)), ...cleared(parts), BARRIER,
      {
        kind: 'loop', loop: { v: CHUNK_INDEX, extent: chunks, tag: 'serial', vector: 1 },
        body: [scores, BARRIER, grown(parts), BARRIER, ...weighed.flatMap((s) => s ?? []), BARRIER],
      },
      ...epilogue(piece, parts),
    ],
  };
}

function partsOf(form: OnlineForm, profile: Profile): Parts | undefined {
  const { subgroup: lanes } = profile;
  const overRange = [form.max, ...form.sums.map((s) => s.total)].flatMap((r) =>
    loadsIn(r.body).filter((l) => l.free.has(r.v.name)));
  const shared = form.rows.filter((d) => !overRange.some((l) => l.free.has(d.v.name)));
  const m = shared.find((d) => sizeMax(d) >= profile.tileRows);
  if (lanes === undefined) return undefined;
  const rows = m === undefined ? 1 : Math.min(profile.tileRows, lanes);
  const sums = form.sums.map((source, i): RowSum => {
    const along = form.inner.find((d) => source.total.free.has(d.v.name));
    return { source, name: `local:sum${i}`, along, size: along === undefined ? 1 : sizeMax(along) };
  });
  const owners = form.before.map((source) => outerReductions(form.max.body).find((r) => source.free.has(r.v.name)));
  const tables = form.before.flatMap((source, i) => {
    const owner = owners[i];
    return owner === undefined ? [] : [{ name: `local:before${i}`, source, dim: { v: owner.v, extent: owner.extent } }];
  });
  return tables.length < form.before.length ? undefined
    : { form, profile, lanes, m, rows, chunk: profile.tileColumns * lanes, sums, tables };
}

const localsOf = ({ rows, chunk, sums, tables }: Parts): readonly LocalArray[] => [
  { name: WEIGHTS, type: 'f32', size: rows * chunk },
  { name: HIGHEST, type: 'f32', size: rows }, { name: SCALES, type: 'f32', size: rows },
  ...tables.map((t): LocalArray => ({ name: t.name, type: 'f32', size: rows * sizeMax(t.dim) })),
  ...sums.map((s): LocalArray => ({ name: s.name, type: 'f32', size: rows * s.size })),
];

/** The same for one row of the tile. */
const ofRow = ({ m, rows }: Parts, e: Expr, row: Expr): Expr =>
  (m === undefined ? e : substitute(e, new Map([[m.v.name, within(m, rows, row)]])));

/** Index along the range of an entry of a chunk, in bounds. */
const positionOf = ({ form, chunk }: Parts, entry: Expr): Expr =>
  intExpr('min', iadd(imul(CHUNK_INDEX, chunk), entry), iadd(form.max.extent, constI(-1)));

const inRange = ({ form, chunk }: Parts, entry: Expr): Expr =>
  op('lt', [iadd(imul(CHUNK_INDEX, chunk), entry), form.max.extent]);

const lanesAlong = (v: typeof J, extent: number): Loop => ({ v, extent: constI(extent), tag: 'lane', vector: 1 });

function filled({ name, source, dim }: Parts['tables'][number], parts: Parts): Stmt {
  const v = variable('_entry', Infinity, 'f32');
  const value = ofRow(parts, source.body, ROW);
  const own = reductionLoop([value], source, 'serial', parts.profile);
  const index = iadd(imul(ROW, sizeMax(dim)), dim.v);
  return serial(ROW, parts.rows, [{
    kind: 'loop', loop: laneLoop(dim, parts.profile),
    body: [
      { kind: 'fold', loop: own, totals: [{ v, monoid: source.monoid, value }] },
      { kind: 'store', buffer: name, index, value: v },
    ],
  }]);
}

function cleared({ rows, sums }: Parts): readonly Stmt[] {
  const clear = (buffer: string, size: number, value: Expr): Stmt =>
    ({ kind: 'loop', loop: lanesAlong(J, size), body: [{ kind: 'store', buffer, index: J, value }] });
  return [clear(HIGHEST, rows, LOWEST), ...sums.map((s) => clear(s.name, rows * s.size, constF(0)))];
}

/** Scores of a tile into shared memory; an entry beyond the range has the lowest of all. */
function scoresOf(parts: Parts): Stmt | undefined {
  const { form, rows, lanes, chunk, tables, profile } = parts;
  const read = new Map(tables.map((t) =>
    [t.source.key, load(t.name, iadd(imul(M, sizeMax(t.dim)), t.dim.v), 'f32')]));
  const known = substitute(replaceByKey(form.max.body, read), new Map([[form.max.v.name, positionOf(parts, N)]]));
  const score = ofRow(parts, known, M);
  const [reduction, ...more] = outerReductions(score);
  const rowName = parts.m === undefined ? undefined : M.name;
  const crossing = reduction === undefined ? undefined : crossingOf(reduction, rowName, N.name);
  if (crossing === undefined || more.length > 0) return undefined;
  const tile = plainTile(rows, profile.tileColumns, lanes, N.name, (offset) => offset);
  const loop = reductionLoop([crossing.row, crossing.column], crossing.reduction, 'serial', profile);
  const { fold, totals } = tileFold([crossing], tile, loop);
  return inLanes(lanes, [fold, ...overTile(tile, totals, 'scores', ({ row, column, totals: [total] }) => {
    const own = substitute(replaceByKey(score, new Map([[crossing.reduction.key, total]])), new Map([[M.name, row], [N.name, column]]));
    const value = op('select', [inRange(parts, column), own, LOWEST]);
    return [{ kind: 'store', buffer: WEIGHTS, index: iadd(imul(row, chunk), column), value }];
  })]);
}

/** A tile whose rows are those of the nest's tile. */
const plainTile = (
  rows: number, columns: number, lanes: number, n: string, column: Tile['column'],
): Tile => ({ rows, columns, lanes, m: M.name, n, row: (offset) => offset, column });

/** Row by row: the running maximum grows, scores become weights, and sums of one number are rescaled and grow. */
function grown(parts: Parts): Stmt {
  const { rows, chunk, sums } = parts;
  const [highest, next, scale] = ['_chunk_highest', '_next_highest', '_scale'].map((v) => variable(v, Infinity, 'f32'));
  const index = iadd(imul(ROW, chunk), J);
  const weight = load(WEIGHTS, index, 'f32');
  const before = load(HIGHEST, ROW, 'f32');
  const all = lanesAlong(J, chunk);
  const value = op('select', [inRange(parts, J), op('exp', [op('sub', [weight, next])]), constF(0)]);
  const numbers = sums.filter((s) => s.along === undefined);
  const fresh = numbers.map((_, i) => variable(`_fresh${i}`, Infinity, 'f32'));
  return serial(ROW, rows, [
    { kind: 'fold', loop: all, totals: [{ v: highest, monoid: 'max', value: weight }] },
    { kind: 'let', v: next, value: op('max', [before, highest]) },
    { kind: 'let', v: scale, value: op('exp', [op('sub', [before, next])]) },
    { kind: 'loop', loop: all, body: [{ kind: 'store', buffer: WEIGHTS, index, value }] },
    BARRIER,
    ...numbers.map((s, i): Stmt => ({
      kind: 'fold', loop: all, totals: [{ v: fresh[i], monoid: 'sum', value: weighedEntry(s, weight, parts) }],
    })),
    ...numbers.map((s, i): Stmt => ({
      kind: 'store', buffer: s.name, index: ROW,
      value: op('add', [op('mul', [load(s.name, ROW, 'f32'), scale]), fresh[i]]),
    })),
    { kind: 'store', buffer: HIGHEST, index: ROW, value: next },
    { kind: 'store', buffer: SCALES, index: ROW, value: scale },
  ]);
}

function weighedEntry({ source: { weight: factor, total } }: RowSum, weight: Expr, parts: Parts): Expr {
  if (factor === undefined) return weight;
  const at = substitute(factor, new Map([[total.v.name, positionOf(parts, J)]]));
  return op('mul', [weight, ofRow(parts, at, ROW)]);
}

/** What the entries of a chunk weigh, row by row and along the inner dimension. */
function weighedBy(s: RowSum, parts: Parts): readonly Stmt[] | undefined {
  const { rows, chunk, lanes, m, profile } = parts;
  const { weight: factor, total } = s.source;
  if (s.along === undefined || factor === undefined || (m !== undefined && factor.free.has(m.v.name))) return undefined;
  const { along, size } = { along: s.along, size: s.size };
  const columns = Math.min(profile.tileColumns, Math.ceil(size / lanes));
  const step = lanes * columns;
  const column = (offset: Expr): Expr => {
    const at = iadd(imul(PASS, step), offset);
    return size % step === 0 ? at : intExpr('min', at, constI(size - 1));
  };
  const own = substitute(factor, new Map([[total.v.name, positionOf(parts, J)]]));
  const row = load(WEIGHTS, iadd(imul(M, chunk), J), 'f32');
  const crossing: Crossing = { reduction: reduce('sum', J, constI(chunk), op('mul', [row, own])), row, column: own };
  const tile = plainTile(rows, columns, lanes, along.v.name, column);
  const vector = takesFour(own) ? 4 : 1;
  const { fold, totals } = tileFold([crossing], tile, { v: J, extent: constI(chunk), tag: 'serial', vector });
  const stores = overTile(tile, totals, s.name.replace('local:', 'fresh_'), ({ row: r, column: c, totals: [fresh] }) => {
    const at = iadd(imul(PASS, step), c);
    const index = iadd(imul(r, size), at);
    const scaled = op('mul', [load(s.name, index, 'f32'), load(SCALES, r, 'f32')]);
    const store: Stmt = { kind: 'store', buffer: s.name, index, value: op('add', [scaled, fresh]) };
    return size % step === 0 ? [store] : [{ kind: 'guard', condition: op('lt', [at, constI(size)]), body: [store] }];
  });
  return [serial(PASS, Math.ceil(size / step), [inLanes(lanes, [fold, ...stores])])];
}

function epilogue(piece: FormedPiece, parts: Parts): readonly Stmt[] {
  const { form, m, rows, sums, profile } = parts;
  const totals = new Map(sums.map((s): [string, Expr] => {
    const at = s.along === undefined ? ROW : iadd(imul(ROW, s.size), s.along.v);
    return [s.source.total.key, load(s.name, at, 'f32')];
  }));
  totals.set(form.max.key, load(HIGHEST, ROW, 'f32'));
  const at = new Map(m === undefined ? [] : [[m.v.name, iadd(m.v, ROW)] as const]);
  const stores = piece.stores.map((s): Stmt => ({
    kind: 'store', buffer: s.buffer, index: substitute(s.index, at), value: substitute(replaceByKey(s.value, totals), at),
  }));
  const body: readonly Stmt[] = form.inner.length === 0 ? stores
    : [{ kind: 'loop', loop: laneLoop(form.inner[0], profile), body: stores }];
  return [serial(ROW, rows, m === undefined ? body : guarded(m, rows, ROW, body))];
}
