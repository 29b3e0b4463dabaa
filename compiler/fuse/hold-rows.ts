import type { Node } from '../../dsl/node.ts';
import { isLeaf } from './cost.ts';
import type { Instance, Kinds } from './kinds.ts';

/** What is decided so far: values in order, those that are stored, and how these are computed. */
export interface Decided {
  readonly order: readonly Node[];
  readonly computations: readonly { readonly root: Node; readonly instance: Instance }[];
  readonly kinds: Kinds;
  /** Whether a value may neither be held nor hold others. */
  readonly isFixed: (key: string) => boolean;
  /** Whether a value must stay in memory. */
  readonly isPinned: (key: string) => boolean;
  readonly maxBuffers: number;
}

/**
 * Chains of values that are made row by row, each from the same row of those before, become one kernel, whose cells hold
 * what is read nowhere else (the net that makes G: products with small matrices, norms and sums).
 * @returns what is held for a value, by its key
 */
export function heldRows(decided: Decided): ReadonlyMap<string, ReadonlySet<string>> {
  const held = new Map<string, ReadonlySet<string>>();
  const taken = new Set<string>();
  const readers = readersOf(decided);
  for (const { root } of [...decided.computations].reverse()) {
    if (taken.has(root.key) || decided.isFixed(root.key)) continue;
    const own = heldFor(root, decided, readers, taken);
    if (own.size === 0) continue;
    held.set(root.key, own);
    for (const key of own) taken.add(key);
  }
  return held;
}

/** Keys of the values that load each computed value, users before operands. */
function readersOf({ computations }: Decided): ReadonlyMap<string, ReadonlySet<string>> {
  const computed = new Map(computations.map(({ root }) => [root.key, new Set<string>()]));
  for (const { root, instance: { kind, values } } of computations) {
    for (const name of kind.loads) computed.get(values.get(name) ?? name)?.add(root.key);
  }
  return new Map([...computed].reverse());
}

function heldFor(
  root: Node, decided: Decided, readers: ReadonlyMap<string, ReadonlySet<string>>, taken: ReadonlySet<string>,
): ReadonlySet<string> {
  const held = new Set<string>();
  // Users come first, so that a value is met after all that it could be held for.
  for (const [key, by] of readers) {
    if (key === root.key || taken.has(key) || decided.isFixed(key) || decided.isPinned(key)) continue;
    const isInside = by.size > 0 && [...by].every((k) => k === root.key || held.has(k));
    if (isInside && isChain(root, new Set([...held, key]), decided, taken)) held.add(key);
  }
  return held;
}

function isChain(
  root: Node, held: ReadonlySet<string>, { order, computations, kinds, maxBuffers }: Decided, taken: ReadonlySet<string>,
): boolean {
  const stored = new Set([
    ...order.filter(isLeaf).map((n) => n.key), ...computations.map((c) => c.root.key),
  ].filter((key) => !held.has(key) && !taken.has(key)));
  const { kind, values } = kinds.instance(root, stored, held);
  if (kind.formed === undefined) return false;
  const packed = new Set(order.filter((n) => n.kind === 'parameter' || n.kind === 'table').map((n) => n.key));
  const reads = [...kind.loads].map((name) => values.get(name) ?? name);
  // Weights that a kernel reads lie side by side and take one binding; so do constants. One more is written.
  return reads.filter((key) => !packed.has(key)).length + 3 <= maxBuffers;
}
