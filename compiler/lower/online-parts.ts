import { constI, load, op, variable, type Expr, type ReduceExpr } from '../expr/expr.ts';
import { iadd, idiv, imul } from '../expr/int.ts';
import { replaceByKey, substitute } from '../expr/rewrite.ts';
import type { OnlineSum } from '../fuse/form.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Dim } from '../fuse/piece.ts';
import type { LocalArray, Stmt } from '../loop/ir.ts';
import type { Profile } from '../loop/schedule.ts';
import { SHARED_BYTES } from '../loop/shared-memory.ts';
import { MOST_THREADS } from '../loop/workgroup.ts';
import { sizeMax } from './common.ts';
import { inOwn, type Run } from './dealt.ts';
import { inLanes, LANE, serial } from './tile.ts';

/*
 * The range of a running softmax, shared out among subgroups of one cell (Dao and others, "Flash-Decoding for
 * long-context inference", 2023): each has a maximum and sums of its own for the chunks that it takes, and what they
 * come to is scaled to the highest maximum and added up, just as a chunk is added to those before it.
 */

/** Entries that the parts of a cell take between two rescalings, at least: lanes keep their scores in registers. */
const CHUNK = 128;

/** The number of a part, and a turn over the inner dimension. */
export const PART = variable('_part', MOST_THREADS);
const TURN = variable('_turn', Infinity);
const MAX = variable('_highest_of_all', Infinity, 'f32');
const HIGHEST = 'local:highest';

/** How a range is shared out. */
export interface SharedRange {
  /** How many parts take chunks of it in turn. */
  readonly parts: number;
  /** Entries of a chunk, a multiple of the lanes of a part. */
  readonly chunk: number;
}

/** A sum along the range, of which each part has its own: a number, or numbers along the inner dimension. */
export type PartSum =
  | { readonly kind: 'number'; readonly source: OnlineSum; readonly at: Expr }
  | { readonly kind: 'along'; readonly source: OnlineSum; readonly name: string; readonly along: Dim;
    readonly run: Run };

/** What the parts of a row come to. */
export interface PartedRow {
  readonly piece: FormedPiece;
  readonly inner: Dim | undefined;
  readonly sums: readonly PartSum[];
  /** The maximum, and where a part has its own. */
  readonly max: { readonly source: ReduceExpr; readonly at: Expr };
  readonly lanes: number;
  readonly parts: number;
}

/** As many parts as have chunks to take, fit into a workgroup, and can leave there what they come to. */
export function shareRange(range: ReduceExpr, sums: readonly PartSum[], lanes: number, profile: Profile): SharedRange {
  const words = 1 + sums.reduce((n, s) => n + widthOf(s), 0);
  const chunkOf = (parts: number): number => lanes * Math.max(1, Math.floor(CHUNK / (parts * lanes)));
  const serves = (n: number): boolean => (n - 1) * chunkOf(n) < sizeMax(range) && 4 * n * words <= SHARED_BYTES;
  const most = profile.numbered ? profile.onlineParts : 1;
  let parts = Math.max(1, Math.min(most, Math.floor(MOST_THREADS / lanes)));
  while (parts > 1 && !serves(parts)) parts -= 1;
  return { parts, chunk: chunkOf(parts) };
}

/** How many of so many chunks a part takes. */
export const turnsOf = (chunks: Expr, parts: number): Expr =>
  idiv(iadd(iadd(chunks, imul(PART, -1)), constI(parts - 1)), parts);

/** Where the parts leave what they have. */
export const leftBy = (sums: readonly PartSum[], parts: number): readonly LocalArray[] => [
  { name: HIGHEST, type: 'f32', size: parts },
  ...sums.map((s, i): LocalArray => ({ name: leftName(i), type: 'f32', size: parts * widthOf(s) })),
];

/**
 * M = maxₚ mₚ and Σₚ e^(mₚ − M)·sumₚ, and what is stored of them, by the lanes of all parts. A part without a chunk has
 * the lowest maximum of all and sums of zero: its factor is 0, or 1 where no score is higher, and never NaN.
 */
export function combined(row: PartedRow): readonly Stmt[] {
  const { sums, max, parts } = row;
  const all = Array.from({ length: parts }, (_, p) => p);
  const factors = all.map((p) => variable(`_factor${p}`, Infinity, 'f32'));
  const highest = all.map((p): Expr => load(HIGHEST, constI(p), 'f32'));
  const scaled = (i: number, entryOf: (p: number) => Expr): Expr =>
    all.map((p): Expr => op('mul', [factors[p], load(leftName(i), entryOf(p), 'f32')]))
      .reduce((a, b) => op('add', [a, b]));
  const totals = new Map<string, Expr>([[max.source.key, MAX]]);
  const numbers = sums.flatMap((s, i): readonly Stmt[] => {
    if (s.kind === 'along') {
      totals.set(s.source.total.key, scaled(i, (p) => iadd(s.along.v, constI(p * widthOf(s)))));
      return [];
    }
    const v = variable(`_sum${i}_of_all`, Infinity, 'f32');
    totals.set(s.source.total.key, v);
    return [{ kind: 'let', v, value: scaled(i, (p) => constI(p)) }];
  });
  return [
    ...left(row), { kind: 'barrier' },
    { kind: 'let', v: MAX, value: highest.reduce((a, b) => op('max', [a, b])) },
    ...factors.map((v, p): Stmt => ({ kind: 'let', v, value: op('exp', [op('sub', [highest[p], MAX])]) })),
    ...numbers, ...epilogue(row, totals),
  ];
}

const leftName = (i: number): string => `local:left${i}`;
const widthOf = (s: PartSum): number => (s.kind === 'number' ? 1 : sizeMax(s.along));

/** A part leaves what it has for the others. */
const left = ({ sums, max }: PartedRow): readonly Stmt[] => [
  { kind: 'store', buffer: HIGHEST, index: PART, value: max.at },
  ...sums.flatMap((s, i): readonly Stmt[] =>
    (s.kind === 'number' ? [{ kind: 'store', buffer: leftName(i), index: PART, value: s.at }] : [])),
  ...sums.flatMap((s, i): readonly Stmt[] => (s.kind === 'number' ? [] : [
    inOwn(s.along.extent, s.run, (entries) => entries.map((entry): Stmt => ({
      kind: 'store', buffer: leftName(i), index: iadd(imul(PART, widthOf(s)), entry), value: load(s.name, entry, 'f32'),
    }))),
  ])),
];

/** What is stored of a row: each entry by a lane of some part, or all by one lane. */
function epilogue({ piece, inner, lanes, parts }: PartedRow, totals: ReadonlyMap<string, Expr>): readonly Stmt[] {
  const stores = (at: ReadonlyMap<string, Expr>): readonly Stmt[] => piece.stores.map(({ buffer, index, value }): Stmt =>
    ({ kind: 'store', buffer, index: substitute(index, at), value: substitute(replaceByKey(value, totals), at) }));
  if (inner === undefined) return [{ kind: 'guard', condition: op('lt', [PART, constI(1)]), body: stores(new Map()) }];
  const step = lanes * parts;
  const entry = iadd(imul(TURN, step), iadd(imul(PART, lanes), LANE));
  const body = stores(new Map([[inner.v.name, entry]]));
  const isWhole = inner.extent.kind === 'const' && inner.extent.value % step === 0;
  const own: readonly Stmt[] = isWhole ? body
    : [{ kind: 'guard', condition: op('lt', [entry, inner.extent]), body }];
  return [serial(TURN, Math.ceil(sizeMax(inner) / step), [inLanes(lanes, own)])];
}
