import type { Overwrites } from '../passes/updates.ts';
import type { Draft } from './siblings.ts';

/** Whether a kernel must run after another: it loads what that one makes, or overwrites a weight that it reads. */
export function follows(later: Draft, earlier: Draft, overwrites: Overwrites): boolean {
  return later.computations.some((c) => {
    const weight = overwrites.get(c.root.key)?.key;
    return earlier.computations.some((e) =>
      c.reads.has(e.root.key) || (weight !== undefined && e.reads.has(weight)));
  });
}
