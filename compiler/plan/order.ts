import type { Node } from '../../dsl/node.ts';
import { makeFreeze } from '../../dsl/nodes/staging.ts';
import { bytesOf } from '../fuse/cost.ts';
import type { Computation } from '../fuse/fuse.ts';
import { Kinds } from '../fuse/kinds.ts';
import { readsWhereItStores } from '../fuse/pointwise.ts';
import type { Overwrites } from '../passes/updates.ts';

/*
 * order: computations, and the weights that some of them replace → an order in which every kernel that reads a weight
 * comes before the one that overwrites it.
 * Invariant: each computation also comes after those whose values it loads (`verify-order.ts` checks both in the end).
 *
 * A value is written over its weight at once where such an order exists. It does not where a kernel needs both the new
 * value and the old one, where two weights are made of each other, or where a kernel reads entries of the weight that
 * another of its cells has written. Then the value has memory of its own, and a kernel copies it when nobody needs the
 * old one any more.
 */

export interface Ordered {
  readonly computations: readonly Computation[];
  /** The values (some of them copies) that lie in the places of weights. */
  readonly overwrites: Overwrites;
  /** The values of added computations. */
  readonly copies: readonly Node[];
}

/** @param updates values of computations, each with the weight that it is to replace */
export function ordered(computations: readonly Computation[], updates: Overwrites): Ordered {
  if (updates.size === 0) return { computations, overwrites: updates, copies: [] };
  const order = new PartialOrder(computations);
  const inPlace = order.overwriteInPlace(updates);
  const copies = [...updates].flatMap(([key, weight]) => (inPlace.has(key) ? [] : [{ weight, copy: order.copy(key, weight.key) }]));
  return {
    computations: order.sorted(),
    overwrites: new Map([...inPlace, ...copies.map(({ weight, copy }) => [copy.key, weight] as const)]),
    copies: copies.map(({ copy }) => copy),
  };
}

/** Which computation must come before which; their numbers are their places in the order that fusion left. */
class PartialOrder {
  readonly #computations: Computation[];
  readonly #before: Set<number>[] = [];
  readonly #after: Set<number>[] = [];
  /** Who makes a value, and who loads one. */
  readonly #maker = new Map<string, number>();
  readonly #readers = new Map<string, number[]>();

  constructor(computations: readonly Computation[]) {
    this.#computations = [];
    for (const c of computations) this.#add(c);
  }

  #add(c: Computation): number {
    const i = this.#computations.length;
    this.#computations.push(c);
    this.#before.push(new Set());
    this.#after.push(new Set());
    this.#maker.set(c.root.key, i);
    for (const key of c.reads) {
      const maker = this.#maker.get(key);
      if (maker !== undefined) this.#require(maker, i);
      const readers = this.#readers.get(key) ?? [];
      this.#readers.set(key, readers);
      readers.push(i);
    }
    return i;
  }

  #require(first: number, then: number): void {
    this.#before[then].add(first);
    this.#after[first].add(then);
  }

  /** Orders readers before writers where that is possible, for the largest weights first. @returns those values */
  overwriteInPlace(updates: Overwrites): Overwrites {
    const largestFirst = [...updates].sort(([, a], [, b]) => bytesOf(b) - bytesOf(a));
    return new Map(largestFirst.filter(([key, weight]) => this.#overwrites(key, weight.key)));
  }

  #overwrites(key: string, weight: string): boolean {
    const writer = this.#maker.get(key);
    if (writer === undefined) throw new Error('order: an update that nothing computes');
    const { kind, values } = this.#computations[writer];
    const readers = this.#readers.get(weight) ?? [];
    const names = [...values].filter(([, of]) => of === weight).map(([name]) => name);
    if (readers.includes(writer) && !names.every((name) => readsWhereItStores(kind, name))) return false;
    const others = readers.filter((r) => r !== writer);
    const later = this.#following(writer);
    if (others.some((r) => later.has(r))) return false;
    for (const r of others) this.#require(r, writer);
    return true;
  }

  /** All that must come after a computation. */
  #following(i: number): ReadonlySet<number> {
    const found = new Set<number>();
    const left = [i];
    for (let at = left.pop(); at !== undefined; at = left.pop()) {
      for (const next of this.#after[at]) {
        if (found.has(next)) continue;
        found.add(next);
        left.push(next);
      }
    }
    return found;
  }

  /** Adds the copy of a value, after all that read the weight which it replaces. */
  copy(key: string, weight: string): Node {
    const of = this.#computations[this.#maker.get(key) ?? 0].root;
    const root = makeFreeze(of, `copy:${key}`, of.origin);
    const instance = new Kinds().instance(root, { has: (k) => k === key });
    const copied = this.#add({ ...instance, root, reads: new Set([key]) });
    for (const r of this.#readers.get(weight) ?? []) if (r !== copied) this.#require(r, copied);
    return root;
  }

  /** As they were, but for those that must come earlier. */
  sorted(): readonly Computation[] {
    const done = new Set<number>();
    const list: Computation[] = [];
    const put = (i: number): void => {
      if (done.has(i)) return;
      done.add(i);
      for (const first of this.#before[i]) put(first);
      list.push(this.#computations[i]);
    };
    this.#computations.forEach((_, i) => put(i));
    return list;
  }
}
