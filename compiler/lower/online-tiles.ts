import { constF, constI, intExpr, load, op, variable, type Expr } from '../expr/expr.ts';
import { iadd, idiv, imod, imul, stride } from '../expr/int.ts';
import { outerReductions, replaceByKey, substitute } from '../expr/rewrite.ts';
import type { OnlineForm, OnlineSum } from '../fuse/form.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim } from '../fuse/piece.ts';
import type { LocalArray, LoopNest, Spread, Stmt, Total } from '../loop/ir.ts';
import type { Profile } from '../loop/schedule.ts';
import { gridDim, guarded, reductionLoop, sizeMax } from './common.ts';
import { heldInside, inOwn, laneLoop, ownEntry, runOf, serialLoop, type Run } from './dealt.ts';
import { hiddenBy, type Hidden } from './hidden.ts';
import { loadsIn } from '../fuse/strides.ts';
import { crossingOf, inLanes, LANE, overTile, serial, tileFold, within, type Tile } from './tile.ts';

const LOWEST = constF(-3.4028234663852886e38);
const CHUNK_INDEX = variable('_chunk', Infinity);
/** No tile has more rows. */
const MOST_ROWS = 32;
/** Row of a tile, and entry of a chunk, as the factors of scores name them. */
const [M, N] = [variable('_m', MOST_ROWS), variable('_n', Infinity)];
const ROW = variable('_tile_row', MOST_ROWS);
const [J, PASS, TURN] = ['_j', '_pass', '_turn'].map((v) => variable(v, Infinity));
const LEAST = variable('_least_highest', Infinity, 'f32');
const [WEIGHTS, HIGHEST, SCALES] = ['local:weights', 'local:highest', 'local:scales'];

/** Entries of a table that are filled at a time, the first that divide it. */
const TOGETHER = [8, 4] as const;

/** A sum along the range: a number for each row, which all lanes have, or a row of entries that lie with the lanes. */
type RowSum =
  | { readonly kind: 'number'; readonly source: OnlineSum; readonly name: string }
  | { readonly kind: 'along'; readonly source: OnlineSum; readonly name: string; readonly along: Dim;
    readonly weight: Expr; readonly run: Run; readonly columns: number; readonly stride: number };

interface Table { readonly name: string; readonly source: OnlineForm['before'][number]; readonly dim: Dim }

/** What all statements of a nest of tiles know. */
interface Parts {
  readonly form: OnlineForm;
  readonly profile: Profile;
  readonly lanes: number;
  /** The dimension of the rows. */
  readonly m: Dim;
  readonly rows: number;
  /** Entries of the range that are taken between two rescalings. */
  readonly chunk: number;
  readonly sums: readonly RowSum[];
  /** Reductions inside the score that do not vary along the range; a lane keeps those of one row. */
  readonly tables: readonly Table[];
}

/**
 * As `lowerOnline`, by the lanes of one subgroup and without a barrier: scores are a tile of rows and entries, and so
 * are the sums of what the entries weigh. What lies along the range is read once for all rows of a tile, which look
 * along the same range; chunks that a mask hides from all of them are passed over. Undefined where rows do not share a
 * range, or scores are no products of rows and entries.
 */
export function lowerOnlineTiles(
  piece: FormedPiece, form: OnlineForm, name: string, profile: Profile,
): LoopNest | undefined {
  const parts = partsOf(form, profile);
  const scores = parts && scoresOf(parts);
  if (parts === undefined || scores === undefined) return undefined;
  const { m, rows, lanes, chunk } = parts;
  const chunks = idiv(iadd(form.max.extent, constI(chunk - 1)), chunk);
  const body = [scores, grown(parts), ...parts.sums.flatMap((s) => (s.kind === 'along' ? [weighedBy(s, parts)] : []))];
  return {
    name, place: piece.root.origin.place,
    grid: form.rows.map((d) => gridDim(d, d === m ? rows : 1)), lanes, locals: localsOf(parts),
    body: [
      ...parts.tables.map((t) => filled(t, parts)), ...begun(parts),
      { kind: 'loop', loop: serialLoop(CHUNK_INDEX, chunks), body: whereSeen(body, parts) },
      ...epilogue(piece, parts),
    ],
  };
}

function partsOf(form: OnlineForm, profile: Profile): Parts | undefined {
  const { subgroup: lanes, tileRows, tileColumns } = profile;
  const overRange = [form.max, ...form.sums.map((s) => s.total)].flatMap((r) =>
    loadsIn(r.body).filter((l) => l.free.has(r.v.name)));
  const m = form.rows.find((d) => sizeMax(d) >= tileRows && !overRange.some((l) => l.free.has(d.v.name)));
  if (lanes === undefined || m === undefined) return undefined;
  const sums = form.sums.map((source, i) => rowSum(source, `local:sum${i}`, form, profile, lanes));
  if (sums.some((s) => s.kind === 'along' && s.weight.free.has(m.v.name))) return undefined;
  const owners = form.before.map((source) => outerReductions(form.max.body).find((r) => source.free.has(r.v.name)));
  const tables = form.before.flatMap((source, i): readonly Table[] => {
    const owner = owners[i];
    return owner === undefined ? [] : [{ name: `local:before${i}`, source, dim: { v: owner.v, extent: owner.extent } }];
  });
  return tables.length < form.before.length ? undefined
    : { form, profile, lanes, m, rows: Math.min(tileRows, lanes), chunk: tileColumns * lanes, sums, tables };
}

function rowSum(
  source: OnlineSum, name: string, form: OnlineForm, { tileColumns }: Profile, lanes: number,
): RowSum {
  const along = form.inner.find((d) => source.total.free.has(d.v.name));
  const { weight } = source;
  if (along === undefined || weight === undefined) return { kind: 'number', source, name };
  const run = runOf(form, lanes);
  // A lane takes whole runs of neighbours.
  const columns = run * Math.max(1, Math.floor(Math.min(tileColumns, Math.ceil(sizeMax(along) / lanes)) / run));
  const each = run * lanes;
  return { kind: 'along', source, name, along, weight, run, columns, stride: Math.ceil(sizeMax(along) / each) * each };
}

const localsOf = ({ rows, lanes, chunk, sums, tables }: Parts): readonly LocalArray[] => [
  { name: WEIGHTS, type: 'f32', size: rows * chunk, dealt: 1 },
  ...tables.map((t): LocalArray => ({ name: t.name, type: 'f32', size: lanes * sizeMax(t.dim), dealt: 1 })),
  ...sums.flatMap((s): readonly LocalArray[] =>
    (s.kind === 'number' ? [] : [{ name: s.name, type: 'f32', size: rows * s.stride, dealt: s.run }])),
];

/** The same for one row of the tile. */
const ofRow = ({ m, rows }: Parts, e: Expr, row: Expr): Expr =>
  substitute(e, new Map([[m.v.name, within(m, rows, row)]]));

/** Index along the range of an entry of a chunk, in bounds. */
const positionOf = ({ form, chunk }: Parts, entry: Expr): Expr =>
  intExpr('min', iadd(imul(CHUNK_INDEX, chunk), entry), iadd(form.max.extent, constI(-1)));

const inRange = ({ form, chunk }: Parts, entry: Expr): Expr =>
  op('lt', [iadd(imul(CHUNK_INDEX, chunk), entry), form.max.extent]);

/** Each lane fills the table of a row, so that lanes that have the same number for it read it once. */
function filled({ name, source, dim }: Table, parts: Parts): Stmt {
  const { lanes, rows, profile } = parts;
  const { extent } = dim;
  const some = TOGETHER.find((n) => extent.kind === 'const' && extent.value % n === 0) ?? 1;
  const row = ofRow(parts, source.body, lanes === rows ? LANE : imod(LANE, rows));
  const own = reductionLoop([row], source, 'serial', profile);
  const entries = Array.from({ length: some }, (_, i) => iadd(imul(TURN, some), constI(i)));
  const totals = entries.map((entry, i): Total => ({
    v: variable(`_total${i}`, Infinity, 'f32'), monoid: source.monoid,
    value: substitute(row, new Map([[dim.v.name, entry]])),
  }));
  return inLanes(lanes, [{
    kind: 'loop', loop: serialLoop(TURN, idiv(extent, some)),
    body: [
      { kind: 'fold', loop: some === 1 ? own : { ...own, vector: 1 }, totals },
      ...entries.map((entry, i): Stmt =>
        ({ kind: 'store', buffer: name, index: iadd(imul(entry, lanes), LANE), value: totals[i].v })),
    ],
  }]);
}

/** What there is before the first chunk. */
function begun({ rows, sums }: Parts): readonly Stmt[] {
  const numbers = (name: string, value: Expr): Stmt =>
    ({ kind: 'array', name, values: Array.from({ length: rows }, () => value) });
  return [
    numbers(HIGHEST, LOWEST), numbers(SCALES, constF(1)), { kind: 'state', v: LEAST, value: LOWEST },
    ...sums.map((s): Stmt => (s.kind === 'number' ? numbers(s.name, constF(0))
      : inOwn(constI(rows * s.stride), s.run, (entries) =>
        entries.map((index): Stmt => ({ kind: 'store', buffer: s.name, index, value: constF(0) }))))),
  ];
}

/**
 * A chunk that is hidden from all rows is passed over once every row has seen a score beside which a hidden one weighs
 * nothing; rows from which all is hidden weigh all entries alike, and need them.
 */
function whereSeen(body: readonly Stmt[], parts: Parts): readonly Stmt[] {
  const hidden = hiddenBy(parts.form.max);
  const last = hidden && lastOfTile(hidden, parts);
  if (hidden === undefined || last === undefined) return body;
  const heights = Array.from({ length: parts.rows }, (_, i) => load(HIGHEST, constI(i), 'f32'));
  const least = heights.slice(1).reduce<Expr>((a, b) => op('min', [a, b]), heights[0]);
  const weighs = op('ne', [op('exp', [op('sub', [hidden.score, LEAST])]), constF(0)]);
  return [{
    kind: 'guard', condition: op('or', [op('le', [imul(CHUNK_INDEX, parts.chunk), last]), weighs]),
    body: [...body, { kind: 'assign', v: LEAST, value: least }],
  }];
}

/** The last entry that any row of a tile sees; undefined where later rows may see less. */
function lastOfTile({ last }: Hidden, { m, rows }: Parts): Expr | undefined {
  if (!last.free.has(m.v.name)) return last;
  const along = stride(last, m.v.name);
  if (along === undefined || along.factor < 0) return undefined;
  return substitute(last, new Map([[m.v.name, within(m, rows, constI(rows - 1))]]));
}

/** Scores of a tile; an entry beyond the range has the lowest of all. */
function scoresOf(parts: Parts): Stmt | undefined {
  const { form, rows, lanes, chunk, tables, profile } = parts;
  const read = new Map(tables.map((t) => [t.source.key, load(t.name, iadd(imul(t.dim.v, lanes), M), 'f32')]));
  const known = substitute(replaceByKey(form.max.body, read), new Map([[form.max.v.name, positionOf(parts, N)]]));
  const score = ofRow(parts, known, M);
  const [reduction, ...more] = outerReductions(score);
  const crossing = reduction === undefined ? undefined : crossingOf(reduction, M.name, N.name);
  if (crossing === undefined || more.length > 0) return undefined;
  const tile: Tile = {
    ownTogether: false,
    rows, columns: profile.tileColumns, lanes, m: M.name, n: N.name, row: (offset) => offset, column: (offset) => offset,
  };
  const loop = reductionLoop([crossing.row, crossing.column], crossing.reduction, 'serial', profile);
  const { fold, totals } = tileFold([crossing], tile, loop);
  return inLanes(lanes, [fold, ...overTile(tile, totals, 'scores', ({ row, column, totals: [total] }) => {
    const at = new Map([[M.name, row], [N.name, column]]);
    const own = substitute(replaceByKey(score, new Map([[crossing.reduction.key, total]])), at);
    const value = op('select', [inRange(parts, column), own, LOWEST]);
    return [{ kind: 'store', buffer: WEIGHTS, index: iadd(imul(row, chunk), column), value }];
  })]);
}

/** Row by row: the running maximum grows, scores become weights, and sums of one number are rescaled and grow. */
function grown(parts: Parts): Stmt {
  const { rows, chunk, lanes, sums } = parts;
  const [highest, next, scale] = ['_chunk_highest', '_next_highest', '_scale'].map((v) => variable(v, Infinity, 'f32'));
  const index = iadd(imul(ROW, chunk), J);
  const weight = load(WEIGHTS, index, 'f32');
  const before = load(HIGHEST, ROW, 'f32');
  const all = laneLoop(J, constI(chunk));
  const value = op('select', [inRange(parts, J), op('exp', [op('sub', [weight, next])]), constF(0)]);
  const numbers = sums.filter((s) => s.kind === 'number');
  const [fresh, sum] = ['_fresh', '_grown'].map((v) => numbers.map((_, i) => variable(`${v}${i}`, Infinity, 'f32')));
  return serial(ROW, rows, [
    { kind: 'fold', loop: all, totals: [{ v: highest, monoid: 'max', value: weight }] },
    { kind: 'let', v: next, value: op('max', [before, highest]) },
    { kind: 'let', v: scale, value: op('exp', [op('sub', [before, next])]) },
    { kind: 'loop', loop: all, body: [{ kind: 'store', buffer: WEIGHTS, index, value }] },
    ...numbers.flatMap((s, i): readonly Stmt[] => [
      { kind: 'fold', loop: all, totals: [{ v: fresh[i], monoid: 'sum', value: weighedEntry(s, weight, parts) }] },
      { kind: 'let', v: sum[i], value: op('add', [op('mul', [load(s.name, ROW, 'f32'), scale]), fresh[i]]) },
    ]),
    inLanes(lanes, [
      { kind: 'store', buffer: HIGHEST, index: ROW, value: next },
      { kind: 'store', buffer: SCALES, index: ROW, value: scale },
      ...numbers.map((s, i): Stmt => ({ kind: 'store', buffer: s.name, index: ROW, value: sum[i] })),
    ]),
  ]);
}

function weighedEntry({ source: { weight: factor, total } }: RowSum, weight: Expr, parts: Parts): Expr {
  if (factor === undefined) return weight;
  const at = substitute(factor, new Map([[total.v.name, positionOf(parts, J)]]));
  return op('mul', [weight, ofRow(parts, at, ROW)]);
}

/** What the entries of a chunk weigh, row by row and along the inner dimension. */
function weighedBy(s: Extract<RowSum, { kind: 'along' }>, parts: Parts): Stmt {
  const { form, rows, chunk, lanes } = parts;
  const { columns, along } = s;
  const [size, step] = [sizeMax(along), lanes * columns];
  const entries = Array.from({ length: columns }, (_, c) => iadd(imul(PASS, step), ownEntry(c, s.run, lanes)));
  const factor = substitute(s.weight, new Map([[s.source.total.v.name, iadd(imul(CHUNK_INDEX, chunk), J)]]));
  const shared = Array.from({ length: rows }, (_, r) => variable(`_weight${r}`, Infinity, 'f32'));
  const spreads = shared.map((v, r): Spread =>
    ({ lane: variable('_own_row', Infinity), value: load(WEIGHTS, iadd(constI(r * chunk), J), 'f32'), values: [v] }));
  const totals = shared.flatMap((weight, r) => entries.map((entry, c): Total => ({
    v: variable(`_total${r * columns + c}`, Infinity, 'f32'), monoid: 'sum',
    value: op('mul', [weight, substitute(factor, new Map([[along.v.name, heldInside(entry, size, step)]]))]),
  })));
  const count = intExpr('min', constI(chunk), iadd(form.max.extent, imul(CHUNK_INDEX, -chunk)));
  const fresh = s.name.replace('local:', 'local:fresh_');
  const stores = entries.flatMap((entry, c): readonly Stmt[] => {
    const index = iadd(imul(ROW, s.stride), entry);
    const scaled = op('mul', [load(s.name, index, 'f32'), load(SCALES, ROW, 'f32')]);
    const own = load(fresh, iadd(imul(ROW, columns), constI(c)), 'f32');
    const store: Stmt = { kind: 'store', buffer: s.name, index, value: op('add', [scaled, own]) };
    return size % step === 0 ? [store] : [{ kind: 'guard', condition: op('lt', [entry, constI(size)]), body: [store] }];
  });
  return serial(PASS, Math.ceil(size / step), [inLanes(lanes, [
    { kind: 'fold', loop: serialLoop(J, count), totals, spreads },
    { kind: 'array', name: fresh, values: totals.map((t) => t.v) },
    serial(ROW, rows, stores),
  ])]);
}

function epilogue(piece: FormedPiece, parts: Parts): readonly Stmt[] {
  const { form, m, rows, sums, lanes } = parts;
  const stores = (at: ReadonlyMap<string, Expr>): readonly Stmt[] => piece.stores.map((s): Stmt => {
    const totals = new Map(sums.map((sum): [string, Expr] => {
      const index = sum.kind === 'number' ? ROW : iadd(imul(ROW, sum.stride), sum.along.v);
      return [sum.source.total.key, load(sum.name, index, 'f32')];
    }));
    totals.set(form.max.key, load(HIGHEST, ROW, 'f32'));
    const value = substitute(replaceByKey(s.value, totals), at);
    return { kind: 'store', buffer: s.buffer, index: substitute(s.index, at), value };
  });
  const ofTile = [m.v.name, iadd(m.v, ROW)] as const;
  const [inner] = form.inner;
  const body = inner === undefined ? stores(new Map([ofTile]))
    : [inOwn(inner.extent, runOf(form, lanes), (entries) =>
      entries.flatMap((entry) => stores(new Map([ofTile, [inner.v.name, entry]]))))];
  return [serial(ROW, rows, guarded(m, rows, ROW, body))];
}
