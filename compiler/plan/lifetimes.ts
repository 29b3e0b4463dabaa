import { bytesOf } from '../fuse/cost.ts';
import type { Computation } from '../fuse/fuse.ts';
import type { Lifetime } from './arena.ts';

/**
 * Values that stay inside of a program: from the step that makes them to the last that reads them.
 * @param steps what is computed at once, in order
 * @param isElsewhere whether a value has a place outside: it is returned, kept, or lies in a weight's place
 */
export function lifetimes(
  steps: readonly (readonly Computation[])[], isElsewhere: (key: string) => boolean,
): readonly Lifetime[] {
  const lives = new Map<string, { readonly key: string; readonly bytes: number; readonly from: number; to: number }>();
  steps.forEach((step, at) => {
    for (const c of step) {
      for (const key of c.reads) {
        const life = lives.get(key);
        if (life !== undefined) life.to = at;
      }
    }
    for (const { root } of step) {
      if (!isElsewhere(root.key) && root.kind !== 'append') {
        lives.set(root.key, { key: root.key, bytes: bytesOf(root), from: at, to: at });
      }
    }
  });
  return [...lives.values()];
}
