import { constF, constI, intExpr, load, op, variable, type Expr, type ReduceExpr } from '../expr/expr.ts';
import { iadd, idiv, imul } from '../expr/int.ts';
import { isReduce, outerReductions, replaceByKey, substitute } from '../expr/rewrite.ts';
import type { OnlineForm, OnlineSum } from '../fuse/form.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim } from '../fuse/piece.ts';
import type { LocalArray, Loop, LoopNest, Stmt } from '../loop/ir.ts';
import type { Profile } from '../loop/schedule.ts';
import { gridDim, reductionLoop, sizeMax } from './common.ts';
import { heldInside, inOwn, laneLoop, ownEntry, runOf, serialLoop, type Run } from './dealt.ts';
import { combined, leftBy, PART, shareRange, turnsOf } from './online-parts.ts';
import { LANES } from '../fuse/strides.ts';
import { inLanes, LANE, serial } from './tile.ts';

/** Sums along the inner dimension that a lane keeps in registers, at most. */
const SUMS = 16;

const LOWEST = constF(-3.4028234663852886e38);
const [CHUNK_INDEX, ROUND, GROUP, J, PASS] = ['_chunk', '_round', '_group', '_j', '_pass']
  .map((v) => variable(v, Infinity));
const [MAX, NEXT_MAX, CHUNK_MAX, SCALE] = ['_highest', '_next_highest', '_chunk_highest', '_scale']
  .map((v) => variable(v, Infinity, 'f32'));
const SCORES = 'local:scores';

/** Reductions inside the score that do not vary along the range, kept as the lanes read them. */
interface Table { readonly name: string; readonly source: ReduceExpr; readonly dim: Dim; readonly run: Run }

/** A sum along the range: a scalar, or numbers along the inner dimension that lie with the lanes. */
type RowSum =
  | { readonly kind: 'number'; readonly source: OnlineSum; readonly at: Extract<Expr, { kind: 'var' }> }
  | { readonly kind: 'along'; readonly source: OnlineSum; readonly name: string; readonly along: Dim;
    readonly weight: Expr; readonly run: Run };

interface Parts {
  readonly form: OnlineForm;
  readonly profile: Profile;
  readonly lanes: number;
  /** Subgroups that share the range, and entries between two rescalings of one of them. */
  readonly parts: number;
  readonly chunk: number;
  readonly reductions: readonly ReduceExpr[];
  readonly tables: readonly Table[];
  readonly sums: readonly RowSum[];
}

/**
 * As `lowerOnline`, by the lanes of one subgroup and without a barrier: whatever lanes have, they have in registers,
 * and take from each other. As many scores as there are lanes are added up by all lanes, along what a score is a sum
 * of, and dealt to them; then lanes add up what all entries of a chunk weigh, each for its own points of the inner
 * dimension. So lanes read what lies side by side. Several subgroups may share the range, which takes one barrier, at
 * its end (`online-parts.ts`). Undefined where lanes cannot give each other values.
 */
export function lowerOnlineRow(
  piece: FormedPiece, form: OnlineForm, name: string, profile: Profile,
): LoopNest | undefined {
  const parts = partsOf(form, profile);
  if (parts === undefined) return undefined;
  const { lanes, parts: count } = parts;
  const numbers = parts.sums.flatMap((s) => (s.kind === 'number' ? [s.at] : []));
  return {
    name, place: piece.root.origin.place, grid: form.rows.map((d) => gridDim(d)), lanes, locals: localsOf(parts),
    ...(count === 1 ? {} : { parts: { v: PART, count } }),
    body: [
      ...parts.tables.map((t) => filled(t, parts)),
      ...parts.sums.flatMap((s) => (s.kind === 'number' ? [] : [cleared(s)])),
      ...[MAX, ...numbers].map((v): Stmt => ({ kind: 'state', v, value: v === MAX ? LOWEST : constF(0) })),
      overChunks(parts, [scores(parts), ...weights(parts), ...parts.sums.flatMap((s) => grown(s, parts))]),
      ...(count === 1 ? epilogue(piece, parts) : combined({
        piece, inner: form.inner[0], sums: parts.sums, max: { source: form.max, at: MAX }, lanes, parts: count,
      })),
    ],
  };
}

/** The chunks of the range one after the other, or in turn by the parts that share it. */
function overChunks({ form, chunk, parts }: Parts, body: readonly Stmt[]): Stmt {
  const chunks = idiv(iadd(form.max.extent, constI(chunk - 1)), chunk);
  if (parts === 1) return { kind: 'loop', loop: serialLoop(CHUNK_INDEX, chunks), body };
  const own: Stmt = { kind: 'let', v: CHUNK_INDEX, value: iadd(imul(ROUND, parts), PART) };
  return { kind: 'loop', loop: serialLoop(ROUND, turnsOf(chunks, parts)), body: [own, ...body] };
}

function partsOf(form: OnlineForm, profile: Profile): Parts | undefined {
  const { subgroup: lanes } = profile;
  if (lanes === undefined) return undefined;
  const reductions = outerReductions(form.max.body);
  const known = (r: ReduceExpr): Expr =>
    replaceByKey(r.body, new Map(form.before.map((source, i) => [source.key, load(tableName(i), r.v, 'f32')])));
  const tables = form.before.flatMap((source, i): readonly Table[] => {
    const owner = reductions.find((r) => source.free.has(r.v.name));
    if (owner === undefined || owner.extent.kind !== 'const') return [];
    const dim = { v: owner.v, extent: owner.extent };
    return [{ name: tableName(i), source, dim, run: scoreLoop(owner, known(owner), lanes, profile).vector }];
  });
  const sums = form.sums.map((source, i) => rowSum(form, source, i, runOf(form, lanes)));
  return tables.length < form.before.length || reductions.some((r) => r.monoid !== 'sum') ? undefined
    : { form, profile, lanes, ...shareRange(form.max, sums, lanes, profile), reductions, tables, sums };
}

function rowSum(form: OnlineForm, source: OnlineSum, i: number, run: Run): RowSum {
  const along = form.inner.find((d) => source.total.free.has(d.v.name));
  const { weight } = source;
  if (along === undefined || weight === undefined) {
    return { kind: 'number', source, at: variable(`_sum${i}`, Infinity, 'f32') };
  }
  return { kind: 'along', source, name: `local:sum${i}`, along, weight, run };
}

/** Along what a score is a sum of: four entries for each lane where there are enough. */
function scoreLoop(r: ReduceExpr, body: Expr, lanes: number, profile: Profile): Loop {
  const loop = reductionLoop([body], r, 'lane', profile);
  return sizeMax(r) < LANES * lanes ? { ...loop, vector: 1 } : loop;
}

const tableName = (i: number): string => `local:before${i}`;
const totalsName = (i: number): string => `local:totals${i}`;

const localsOf = ({ lanes, parts, chunk, reductions, tables, sums }: Parts): readonly LocalArray[] => [
  { name: SCORES, type: 'f32', size: chunk, dealt: 1 },
  ...reductions.map((_, i): LocalArray => ({ name: totalsName(i), type: 'f32', size: lanes, dealt: 1 })),
  ...tables.map((t): LocalArray => ({ name: t.name, type: 'f32', size: sizeMax(t.dim), dealt: t.run })),
  ...sums.flatMap((s): readonly LocalArray[] =>
    (s.kind === 'number' ? [] : [{ name: s.name, type: 'f32', size: sizeMax(s.along), dealt: s.run }])),
  ...(parts === 1 ? [] : leftBy(sums, parts)),
];

/** Entries of the chunk at hand. */
const countOf = ({ form, chunk }: Parts): Expr =>
  intExpr('min', constI(chunk), iadd(form.max.extent, imul(CHUNK_INDEX, -chunk)));

function filled({ name, source, dim, run }: Table, { profile }: Parts): Stmt {
  const own = reductionLoop([source.body], source, 'serial', profile);
  return inOwn(dim.extent, run, (entries) => {
    const totals = entries.map((entry, i) => ({
      v: variable(`_total${i}`, Infinity, 'f32'), monoid: source.monoid,
      value: substitute(source.body, new Map([[dim.v.name, entry]])),
    }));
    return [
      { kind: 'fold', loop: run === 1 ? own : { ...own, vector: 1 }, totals },
      ...entries.map((index, i): Stmt => ({ kind: 'store', buffer: name, index, value: totals[i].v })),
    ];
  });
}

const cleared = ({ name, along, run }: Extract<RowSum, { kind: 'along' }>): Stmt =>
  inOwn(along.extent, run, (entries) =>
    entries.map((index): Stmt => ({ kind: 'store', buffer: name, index, value: constF(0) })));

/** The scores of a chunk, as many at a time as there are lanes; what lies beyond the range scores as its last entry. */
function scores(parts: Parts): Stmt {
  const { form, lanes, chunk, reductions, tables } = parts;
  const read = new Map(tables.map((t) => [t.source.key, load(t.name, t.dim.v, 'f32')]));
  const first = iadd(imul(CHUNK_INDEX, chunk), imul(GROUP, lanes));
  const at = (entry: Expr): Map<string, Expr> =>
    new Map([[form.max.v.name, intExpr('min', iadd(first, entry), iadd(form.max.extent, constI(-1)))]]);
  const folds = reductions.map((r, i): Stmt => {
    const totals = Array.from({ length: lanes }, (_, lane) => ({
      v: variable(`_total${lane}`, Infinity, 'f32'), monoid: r.monoid,
      value: replaceByKey(bodyAt(r, at(constI(lane))), read),
    }));
    const loop = scoreLoop(r, replaceByKey(r.body, read), lanes, parts.profile);
    return { kind: 'fold', loop, totals, dealtTo: [totalsName(i)] };
  });
  const totals = new Map(reductions.map((r, i) => [r.key, load(totalsName(i), LANE, 'f32')]));
  const score = substitute(replaceByKey(form.max.body, totals), at(LANE));
  const groups = idiv(iadd(countOf(parts), constI(lanes - 1)), lanes);
  return {
    kind: 'loop', loop: serialLoop(GROUP, groups),
    body: [...folds, inLanes(lanes, [
      { kind: 'store', buffer: SCORES, index: iadd(imul(GROUP, lanes), LANE), value: score },
    ])],
  };
}

/** What a reduction adds up where others have values; its own variable may have the name of one of them. */
function bodyAt(r: ReduceExpr, values: ReadonlyMap<string, Expr>): Expr {
  const at = substitute(r, values);
  return isReduce(at) ? at.body : at;
}

/** The maximum grows, and scores become weights. */
function weights(parts: Parts): readonly Stmt[] {
  const count = countOf(parts);
  const score = load(SCORES, J, 'f32');
  return [
    { kind: 'fold', loop: laneLoop(J, count), totals: [{ v: CHUNK_MAX, monoid: 'max', value: score }] },
    { kind: 'let', v: NEXT_MAX, value: op('max', [MAX, CHUNK_MAX]) },
    { kind: 'let', v: SCALE, value: op('exp', [op('sub', [MAX, NEXT_MAX])]) },
    { kind: 'assign', v: MAX, value: NEXT_MAX },
    {
      kind: 'loop', loop: laneLoop(J, count),
      body: [{ kind: 'store', buffer: SCORES, index: J, value: op('exp', [op('sub', [score, NEXT_MAX])]) }],
    },
  ];
}

function grown(s: RowSum, parts: Parts): readonly Stmt[] {
  const { lanes, chunk } = parts;
  const count = countOf(parts);
  const { weight, total } = s.source;
  const weighed = load(SCORES, J, 'f32');
  const factor = weight === undefined ? undefined
    : substitute(weight, new Map([[total.v.name, iadd(imul(CHUNK_INDEX, chunk), J)]]));
  if (s.kind === 'number') {
    const fresh = variable(s.at.name.replace('sum', 'fresh'), Infinity, 'f32');
    const value = factor === undefined ? weighed : op('mul', [weighed, factor]);
    return [
      { kind: 'fold', loop: laneLoop(J, count), totals: [{ v: fresh, monoid: 'sum', value }] },
      { kind: 'assign', v: s.at, value: op('add', [op('mul', [s.at, SCALE]), fresh]) },
    ];
  }
  const size = sizeMax(s.along);
  const columns = Math.min(SUMS, Math.ceil(size / lanes));
  const step = lanes * columns;
  const entries = Array.from({ length: columns }, (_, c) => iadd(imul(PASS, step), ownEntry(c, s.run, lanes)));
  const shared = variable('_weight', Infinity, 'f32');
  const at = (entry: Expr): Map<string, Expr> => new Map([[s.along.v.name, heldInside(entry, size, step)]]);
  const totals = entries.map((entry, c) => ({
    v: variable(`_total${c}`, Infinity, 'f32'), monoid: 'sum' as const,
    value: op('mul', [shared, substitute(factor ?? constF(1), at(entry))]),
  }));
  return [serial(PASS, Math.ceil(size / step), [inLanes(lanes, [
    {
      kind: 'fold', loop: serialLoop(J, count), totals,
      spreads: [{ lane: variable('_own_row', Infinity), value: weighed, values: [shared] }],
    },
    ...entries.flatMap((index, c): readonly Stmt[] => {
      const value = op('add', [op('mul', [load(s.name, index, 'f32'), SCALE]), totals[c].v]);
      const store: Stmt = { kind: 'store', buffer: s.name, index, value };
      if (size % step === 0) return [store];
      return [{ kind: 'guard', condition: op('lt', [index, constI(size)]), body: [store] }];
    }),
  ])])];
}

function epilogue(piece: FormedPiece, { form, sums }: Parts): readonly Stmt[] {
  const inner: Dim | undefined = form.inner[0];
  const stores = (at: ReadonlyMap<string, Expr>): readonly Stmt[] => piece.stores.map((s): Stmt => {
    const totals = new Map(sums.map((sum): [string, Expr] =>
      [sum.source.total.key, sum.kind === 'number' ? sum.at : load(sum.name, sum.along.v, 'f32')]));
    totals.set(form.max.key, MAX);
    const value = substitute(replaceByKey(s.value, totals), at);
    return { kind: 'store', buffer: s.buffer, index: substitute(s.index, at), value };
  });
  if (inner === undefined) return stores(new Map());
  const run = sums.some((s) => s.kind === 'along' && s.run === LANES) ? LANES : 1;
  return [inOwn(inner.extent, run, (entries) => entries.flatMap((entry) => stores(new Map([[inner.v.name, entry]]))))];
}
