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

/**
 * @param updates values of computations, each with the weight that it is to replace
 * @param isSorted whether the order is one that needs little memory, also where there are no updates
 */
export function ordered(
  computations: readonly Computation[], updates: Overwrites, isSorted = updates.size > 0,
): Ordered {
  if (!isSorted) return { computations, overwrites: updates, copies: [] };
  const order = new PartialOrder(computations);
  const inPlace = order.overwriteInPlace(updates);
  const copies = [...updates].flatMap(([key, weight]) =>
    (inPlace.has(key) ? [] : [{ weight, copy: order.copy(key, weight.key) }]));
  const overwrites = new Map([...inPlace, ...copies.map(({ weight, copy }) => [copy.key, weight] as const)]);
  return {
    computations: order.sorted(new Set(overwrites.keys())),
    overwrites,
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

  /**
   * One after the other, each time the one after which least memory is needed (of several, the one that came first): so
   * the gradient of a weight is made as soon as what it is made of is there, which is then not needed any more.
   * @param inPlace the values that need no memory of their own
   */
  sorted(inPlace: ReadonlySet<string>): readonly Computation[] {
    const left = this.#before.map((before) => before.size);
    const readers = new Map([...this.#readers].map(([key, by]) => [key, by.length]));
    const ready = new Set(left.flatMap((n, i) => (n === 0 ? [i] : [])));
    const bytes = this.#computations.map(({ root }) => (inPlace.has(root.key) ? 0 : bytesOf(root)));
    const grows = (i: number): number => this.#madeFor(i).reduce(
      (n, key) => (readers.get(key) === 1 ? n - bytes[this.#maker.get(key) ?? 0] : n), bytes[i]);
    const list: Computation[] = [];
    while (ready.size > 0) {
      const next = leastOf(ready, grows);
      ready.delete(next);
      list.push(this.#computations[next]);
      for (const key of this.#madeFor(next)) readers.set(key, (readers.get(key) ?? 0) - 1);
      for (const then of this.#after[next]) if (--left[then] === 0) ready.add(then);
    }
    return list;
  }

  /** Values that a computation loads and others make. */
  #madeFor(i: number): readonly string[] {
    return [...this.#computations[i].reads].filter((key) => this.#maker.has(key));
  }
}

/** The number for which a function is least; of several, the least number. */
function leastOf(numbers: Iterable<number>, of: (n: number) => number): number {
  let [best, least] = [-1, Infinity];
  for (const n of numbers) {
    const value = of(n);
    if (value < least || (value === least && n < best)) [best, least] = [n, value];
  }
  return best;
}
