import { topological } from '../dsl/graph.ts';
import type { Node } from '../dsl/node.ts';
import type { Target } from './target.ts';
import { isLeaf, storageOf } from './fuse/cost.ts';
import type { Computation } from './fuse/fuse.ts';
import { mergeSiblings, type Draft } from './fuse/siblings.ts';
import type { BoundNest } from './loop/ir.ts';
import { joinUpdates } from './lower/joint.ts';
import { lower } from './lower/lower.ts';
import { stateLabel } from './passes/stage.ts';
import type { Overwrites } from './passes/updates.ts';
import { planArena } from './plan/arena.ts';
import { lifetimes } from './plan/lifetimes.ts';
import { ordered, type Ordered } from './plan/order.ts';
import { recompute } from './plan/recompute.ts';
import { verifyOrder } from './plan/verify-order.ts';

/** What kernels are made for. */
export interface Purpose {
  /** All that the program computes. */
  readonly roots: readonly Node[];
  /** Of these, the keys of what it returns and what it leaves in states. */
  readonly kept: ReadonlySet<string>;
  /** Values that are to replace weights. */
  readonly changes: Overwrites;
  /** Bytes that other values are wished to take. */
  readonly memory: number | undefined;
  readonly target: Target;
}

/** Kernels in the order in which they run, without places in memory. */
export interface Kernels {
  readonly kernels: readonly Draft[];
  readonly nodes: ReadonlyMap<string, Node>;
  readonly overwrites: Overwrites;
}

/** order → recompute → lower → join updates → merge siblings. */
export function kernelsOf(fused: readonly Computation[], purpose: Purpose): Kernels {
  const usual = ordered(fused, purpose.changes);
  const plans = [usual, ...planWithin(fused, usual, purpose)];
  const computed = plans.flatMap((p) => p.computations);
  // At once, since what is computed again has the nests of the first time.
  const nests = lower(computed, purpose.target.profile, purpose.target.schedules);
  const starts = plans.map((_, i) => plans.slice(0, i).reduce((n, p) => n + p.computations.length, 0));
  const made = plans.map((p, i) => kernelsBy(p, nests.slice(starts[i]), purpose));
  return made.reduce((best, k) => (arenaBytes(k, purpose) < arenaBytes(best, purpose) ? k : best));
}

/** Parts of the wished bytes to plan for, until the plan fits: values of many sizes leave gaps between them. */
const AIMS = [1, 0.98, 0.94, 0.85];

/** A plan that takes less memory, if the usual one takes more than is wished. */
function planWithin(fused: readonly Computation[], usual: Ordered, purpose: Purpose): readonly Ordered[] {
  const { memory, changes } = purpose;
  const bytesIn = (p: Ordered): number => arenaBytes(stepsOf(p), purpose);
  if (memory === undefined || bytesIn(usual) <= memory) return [];
  const sorted = ordered(fused, changes, true);
  const { overwrites } = sorted;
  const isElsewhere = elsewhere(purpose, overwrites);
  const readsState = stateReader(purpose.roots);
  const places = { isElsewhere, overwrites, isRepeatable: (c: Computation) => isValue(c.root) && !readsState(c) };
  let best = sorted;
  for (const aim of AIMS) {
    const { computations, live } = recompute(sorted.computations, places, aim * memory);
    const copies = [...sorted.copies, ...computations.flatMap((c) => (c.again ? [c.root] : []))];
    const tried = { computations, overwrites, copies };
    const bytes = bytesIn(tried);
    if (bytes < bytesIn(best)) best = tried;
    // Where too much is live in any case, gaps are not the matter.
    if (bytes <= memory || live > aim * memory) break;
  }
  return [best];
}

/** Whether a value is whatever its kernel makes: an appended row belongs to a state, and integers have scales. */
const isValue = (root: Node): boolean => root.kind !== 'append' && storageOf(root) === 'f32';

/** Whether a computation reads a state, which a program may change. */
function stateReader(roots: readonly Node[]): (c: Computation) => boolean {
  const states = new Set(topological(roots).flatMap((n) =>
    (n.kind === 'input' && stateLabel(n.name) !== undefined ? [n.key] : [])));
  return ({ reads }) => [...reads].some((key) => states.has(key));
}

function kernelsBy(plan: Ordered, nests: readonly (readonly BoundNest[])[], purpose: Purpose): Kernels {
  const { target: { profile, storageBuffers }, roots } = purpose;
  const { computations, overwrites, copies } = plan;
  const nodes = new Map([...topological([...roots, ...copies]), ...overwrites.values()].map((n) => [n.key, n]));
  const drafts = computations.map((c, i): Draft => ({ computations: [c], nests: nests[i] }));
  const isPacked = (key: string): boolean => ['parameter', 'table'].includes(nodes.get(key)?.kind ?? '');
  const joined = joinUpdates(drafts, { profile, overwrites, maxBuffers: storageBuffers });
  const kernels = mergeSiblings(joined, storageBuffers, isPacked, overwrites);
  verifyOrder(kernels, overwrites, (key) => { const n = nodes.get(key); return n === undefined || isLeaf(n); });
  return { kernels, nodes, overwrites };
}

interface Steps {
  readonly kernels: readonly { readonly computations: readonly Computation[] }[];
  readonly overwrites: Overwrites;
}

const stepsOf = ({ computations, overwrites }: Ordered): Steps =>
  ({ kernels: computations.map((c) => ({ computations: [c] })), overwrites });

/** What values that stay inside take. */
const arenaBytes = ({ kernels, overwrites }: Steps, purpose: Purpose): number =>
  planArena(lifetimes(kernels.map((k) => k.computations), elsewhere(purpose, overwrites))).bytes;

/** Whether a value lies outside of the program's own memory. */
const elsewhere = ({ kept }: Purpose, overwrites: Overwrites) => (key: string): boolean =>
  kept.has(key) || overwrites.has(key);
