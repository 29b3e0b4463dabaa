import type { Node } from '../../dsl/node.ts';
import { formOf, type Form } from './form.ts';
import type { Stored } from './inline.ts';
import { loadsOf, piecesOf, type Piece } from './piece.ts';
import { StoragePlan, type FuseOptions } from './storage-plan.ts';

/*
 * fuse: graph → stored values with the pieces that compute them.
 * Input: a staged, simplified graph. Output: stored values in an order in which each comes after those it loads.
 * Invariant: every piece has a form that a schedule exists for, and the loads of a piece are stored values only.
 *
 * Insert a buffer after everything heavy, then remove the buffers that do not pay: a value needs none when the one
 * kernel that uses it still has a form without it, and does no more work.
 */

export interface FormedPiece extends Piece {
  readonly form: Form;
}

/** One stored value and how it is computed. */
export interface Computation {
  readonly root: Node;
  readonly pieces: readonly FormedPiece[];
  /** Keys of the stored values that it loads. */
  readonly reads: ReadonlySet<string>;
}

export function fuse(outputs: readonly Node[], options: FuseOptions): readonly Computation[] {
  const plan = new StoragePlan(outputs, options);
  plan.sinkEpilogues();
  plan.absorb();
  plan.limitBuffers();
  const { roots, stored } = plan.result();
  return roots.map((root) => computation(root, stored));
}

function computation(root: Node, stored: Stored): Computation {
  const pieces = piecesOf(root, stored).map((p): FormedPiece => {
    const form = formOf(p);
    if (form === undefined) throw new Error(`fuse: ${root.kind} has no form`);
    return { ...p, form };
  });
  const reads = new Set(pieces.flatMap((p) => [...loadsOf(p)]));
  return { root, pieces, reads };
}
