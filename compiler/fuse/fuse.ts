import type { Node } from '../../dsl/node.ts';
import type { Instance } from './kinds.ts';
import { StoragePlan, type FuseOptions } from './storage-plan.ts';

export type { FormedPiece } from './kind.ts';

/*
 * fuse: graph → stored values with the kernels that compute them.
 * Input: a staged, simplified graph. Output: stored values in an order in which each comes after those it loads.
 * Invariant: every piece has a form that a schedule exists for, and the loads of a piece are stored values only.
 *
 * Insert a buffer after everything heavy, then remove the buffers that do not pay: a value needs none when the one
 * kernel that uses it still has a form without it, and does no more work.
 */

/** One stored value and how it is computed. */
export interface Computation extends Instance {
  readonly root: Node;
  /** Keys of the stored values that it loads. */
  readonly reads: ReadonlySet<string>;
  /** Set where it makes a value a second time, for the uses that are late (`plan/recompute.ts`). */
  readonly again?: true;
}

export function fuse(outputs: readonly Node[], options: FuseOptions): readonly Computation[] {
  const plan = new StoragePlan(outputs, options);
  plan.sinkEpilogues();
  plan.absorb();
  plan.limitBuffers();
  plan.repeatRows();
  plan.holdRows();
  return plan.result().map(({ root, instance }) => ({ root, ...instance, reads: readsOf(instance) }));
}

function readsOf({ kind, values }: Instance): ReadonlySet<string> {
  return new Set([...kind.loads].map((name) => values.get(name) ?? name));
}
