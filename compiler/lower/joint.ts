import { load, type Expr } from '../expr/expr.ts';
import { mapExpr, replaceByKey } from '../expr/rewrite.ts';
import { follows } from '../fuse/follows.ts';
import type { FormedPiece } from '../fuse/fuse.ts';
import type { Piece, Store } from '../fuse/piece.ts';
import { loadsOwnEntry } from '../fuse/pointwise.ts';
import type { Draft } from '../fuse/siblings.ts';
import type { BoundNest } from '../loop/ir.ts';
import type { Profile } from '../loop/schedule.ts';
import type { Overwrites } from '../passes/updates.ts';
import { lowerPiece } from './lower.ts';
import { loadsIn } from '../fuse/strides.ts';

/*
 * joint: new values of weights that are made entry by entry of one another (a parameter and its moments) → one nest
 * that loads what all of them need and stores all of them.
 * Invariant: as of `order`; what a nest stores and loads again is loaded only at the entry that it stores.
 */

export interface JointOptions {
  readonly profile: Profile;
  readonly overwrites: Overwrites;
  /** Most storage buffers that one kernel may bind. */
  readonly maxBuffers: number;
}

export function joinUpdates(drafts: readonly Draft[], options: JointOptions): readonly Draft[] {
  const { overwrites } = options;
  if (overwrites.size === 0) return drafts;
  const joined: Update[] = [];
  for (const d of drafts) {
    const own: Update = { draft: d, piece: storesOf(d, overwrites) };
    const at = own.piece === undefined ? -1 : joined.findLastIndex((k) => areOne(k, own, options));
    const between = at < 0 ? [] : joined.slice(at + 1);
    if (at >= 0 && !between.some((k) => follows(d, k.draft, overwrites))) joined[at] = join(joined[at], own, options);
    else if (at >= 0 && !between.some((k) => follows(k.draft, joined[at].draft, overwrites))) {
      const [first] = joined.splice(at, 1);
      joined.push(join(first, own, options));
    } else joined.push(own);
  }
  return joined.map((k) => k.draft);
}

/** A kernel, and its stores by values' keys where all that it makes are new weights, each entry on its own. */
interface Update {
  readonly draft: Draft;
  readonly piece: Piece | undefined;
}

function storesOf(d: Draft, overwrites: Overwrites): Piece | undefined {
  const pieces = d.computations.map((c): Piece | undefined => {
    if (!overwrites.has(c.root.key)) return undefined;
    const [piece, ...more] = c.kind.formed ?? [];
    if (more.length > 0 || piece?.form.kind !== 'map') return undefined;
    return { ...piece, root: c.root, stores: piece.stores.map((s) => named(s, c.values)) };
  });
  const known = pieces.filter((p) => p !== undefined);
  return known.length < pieces.length ? undefined : { ...known[0], stores: known.flatMap((p) => p.stores) };
}

/** A store with the keys of values in the places of the names that its kind has for them. */
function named({ buffer, index, value }: Store, values: ReadonlyMap<string, string>): Store {
  const of = (name: string): string => values.get(name) ?? name;
  const rename = (e: Expr): Expr =>
    mapExpr(e, (x) => (x.kind === 'load' ? load(of(x.buffer), x.index, x.type, x.storage) : x));
  return { buffer: of(buffer), index: rename(index), value: rename(value) };
}

const domainKey = ({ domain }: Piece): string => domain.map((d) => `${d.v.name}<${d.extent.key}`).join();

function areOne({ piece: own }: Update, { piece: more }: Update, options: JointOptions): boolean {
  if (own === undefined || more === undefined || domainKey(own) !== domainKey(more)) return false;
  const [before, after] = [own, more].map(entriesRead);
  const isRelated = own.stores.some((s) => after.has(s.buffer)) || [...before].some((key) => after.has(key));
  if (!isRelated) return false;
  const stores = [...own.stores, ...more.stores];
  return buffersOf(stores, options) <= options.maxBuffers && isEntryByEntry(stores, options.overwrites);
}

/** Values that are loaded at the entry which is stored. */
const entriesRead = ({ stores }: Piece): ReadonlySet<string> => new Set(stores.flatMap(({ index, value }) =>
  loadsIn(value).filter((l) => l.index.key === index.key).map((l) => l.buffer)));

/** A weight and its new value are one buffer. */
function buffersOf(stores: readonly Store[], { overwrites }: JointOptions): number {
  const made = stores.map((s) => s.buffer);
  const read = stores.flatMap((s) => loadsIn(s.value).map((l) => l.buffer)).filter((key) => !made.includes(key));
  return new Set([...read, ...made.map((key) => overwrites.get(key)?.key ?? key)]).size;
}

/** Whether all that is stored, and all that is overwritten, is loaded only at the entry that is stored. */
function isEntryByEntry(stores: readonly Store[], overwrites: Overwrites): boolean {
  const indices = new Map(stores.map((s) => [s.buffer, s.index.key]));
  const [{ index }] = stores;
  if (indices.size < stores.length || !stores.every((s) => s.index.key === index.key)) return false;
  const changed = [...indices.keys()].flatMap((key) => [key, overwrites.get(key)?.key ?? key]);
  return stores.every((s) => changed.every((key) => loadsOwnEntry(s, key)));
}

function join(a: Update, b: Update, { profile }: JointOptions): Update {
  if (a.piece === undefined || b.piece === undefined) throw new Error('joint: kernels that are no updates');
  const known = new Map<string, Expr>();
  const stores = [...a.piece.stores, ...b.piece.stores].map((s): Store => {
    const value = replaceByKey(s.value, known);
    known.set(load(s.buffer, s.index, value.type).key, value);
    return { ...s, value };
  });
  const piece: FormedPiece = { ...a.piece, stores, form: { kind: 'map' } };
  const [{ name, place, threads }] = a.draft.nests;
  const keys = new Set(stores.flatMap((s) => [s.buffer, ...loadsIn(s.value).map((l) => l.buffer)]));
  const values = new Map([...keys].map((key) => [key, key]));
  const nest: BoundNest = { ...lowerPiece(piece, name, profile), name, place, threads, values };
  return { draft: { computations: [...a.draft.computations, ...b.draft.computations], nests: [nest] }, piece };
}
