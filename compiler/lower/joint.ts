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
import { loadsIn } from './strides.ts';

/*
 * joint: new values of weights that are made entry by entry of one another (a parameter and its moments) → one nest that
 * loads what all of them need and stores all of them.
 * Invariant: as of `order`; what a nest stores and loads again is loaded only at the entry that it stores.
 */

export interface JointOptions {
  readonly profile: Profile;
  readonly overwrites: Overwrites;
  /** Most storage buffers that one kernel may bind. */
  readonly maxBuffers: number;
}

export function joinUpdates(drafts: readonly Draft[], options: JointOptions): readonly Draft[] {
  if (options.overwrites.size === 0) return drafts;
  const joined: Draft[] = [];
  for (const d of drafts) {
    const at = joined.findLastIndex((k) => areOne(k, d, options));
    const between = at < 0 ? [] : joined.slice(at + 1);
    if (at >= 0 && !between.some((k) => follows(d, k, options.overwrites))) joined[at] = join(joined[at], d, options);
    else if (at >= 0 && !between.some((k) => follows(k, joined[at], options.overwrites))) {
      const [first] = joined.splice(at, 1);
      joined.push(join(first, d, options));
    } else joined.push(d);
  }
  return joined;
}

/** Whether all that a kernel makes are new values of weights, each entry on its own; then its stores, by values' keys. */
function storesOf(d: Draft, { overwrites }: JointOptions): Piece | undefined {
  const pieces = d.computations.map((c): Piece | undefined => {
    const [piece, ...more] = c.kind.formed ?? [];
    if (more.length > 0 || piece?.form.kind !== 'map' || !overwrites.has(c.root.key)) return undefined;
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

function areOne(a: Draft, b: Draft, options: JointOptions): boolean {
  const [own, more] = [a, b].map((d) => storesOf(d, options));
  if (own === undefined || more === undefined || domainKey(own) !== domainKey(more)) return false;
  const [before, after] = [own, more].map(entriesRead);
  const isRelated = own.stores.some((s) => after.has(s.buffer)) || [...before].some((key) => after.has(key));
  const stores = [...own.stores, ...more.stores];
  return isRelated && buffersOf(stores, options) <= options.maxBuffers && isEntryByEntry(stores, options.overwrites);
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

function join(a: Draft, b: Draft, options: JointOptions): Draft {
  const computations = [...a.computations, ...b.computations];
  const piece = storesOf({ computations, nests: [] }, options);
  if (piece === undefined) throw new Error('joint: kernels that are no updates');
  const known = new Map<string, Expr>();
  const stores = piece.stores.map((s): Store => {
    const value = replaceByKey(s.value, known);
    known.set(load(s.buffer, s.index, value.type).key, value);
    return { ...s, value };
  });
  const formed: FormedPiece = { ...piece, stores, form: { kind: 'map' } };
  const [{ name, place, threads }] = a.nests;
  const keys = new Set(stores.flatMap((s) => [s.buffer, ...loadsIn(s.value).map((l) => l.buffer)]));
  const values = new Map([...keys].map((key) => [key, key]));
  const nest: BoundNest = { ...lowerPiece(formed, name, options.profile), name, place, threads, values };
  return { computations, nests: [nest] };
}
