import type { Node } from '../../dsl/node.ts';
import { makeFreeze } from '../../dsl/nodes/staging.ts';
import type { Computation } from '../fuse/fuse.ts';
import { chooseAgain } from './choose-again.ts';
import { Timeline, type Places } from './timeline.ts';

/*
 * recompute: computations in order → the same with some of them a second time, so that values which are used late need
 * not be kept until then.
 * Invariants: as of `order`; every value is made by the same kernel as before, of the same numbers. A copy comes just
 * before the first use that reads it.
 *
 * Where most is live, values that lie there unused are forgotten and made again, until little enough is live everywhere
 * or nothing helps. How much may come back together is tried out.
 */

/**
 * @param bytes what values may take at any moment, if that is possible
 * @returns what is then computed, and what is live at most
 */
export function recompute(
  computations: readonly Computation[], places: Places, bytes: number,
): { readonly computations: readonly Computation[]; readonly live: number } {
  const whole = new Timeline(computations, places);
  let best = whole;
  for (let parts = 1; parts <= MOST_PARTS && whole.peak.bytes > bytes; parts *= 2) {
    const tried = within(whole, places, bytes, whole.peak.bytes / parts);
    if (isBetter(tried, best, bytes)) best = tried;
  }
  return { computations: best.computations, live: best.peak.bytes };
}

/** Groups of values that are made again together take from all of the memory to this part of it. */
const MOST_PARTS = 64;

/** Moments in a row that may need more than the best so far. */
const PATIENCE = 8;

function within(whole: Timeline, places: Places, bytes: number, most: number): Timeline {
  let [now, best] = [whole, whole];
  for (let tries = 0; tries < PATIENCE && now.peak.bytes > bytes; tries++) {
    const again = chooseAgain(now, places, now.peak.bytes - bytes, most);
    if (again.size === 0) break;
    now = new Timeline(forgotten(now, again), places);
    if (!isBetter(now, best, bytes)) continue;
    [best, tries] = [now, -1];
  }
  return best;
}

/** Less memory is better as long as it is too much, and then less work. */
function isBetter(a: Timeline, b: Timeline, bytes: number): boolean {
  const [m, n] = [a, b].map((t) => Math.max(bytes, t.peak.bytes));
  return m < n || (m === n && a.work < b.work);
}

/** Computes values again before they are used after the peak. */
function forgotten({ computations, lives, peak }: Timeline, again: ReadonlySet<string>): readonly Computation[] {
  const copies = new Map<string, Node>();
  const done = computations.slice(0, peak.at + 1);
  const before = computations.filter((c) => c.again).length;
  const copy = (key: string): void => {
    if (!again.has(key) || copies.has(key)) return;
    const maker = computations[lives.get(key)?.from ?? 0];
    maker.reads.forEach(copy);
    const root = makeFreeze(maker.root, `again:${before + copies.size}`, maker.root.origin);
    done.push({ ...reading(maker, new Map([...copies, [key, root]])), root, again: true });
    copies.set(key, root);
  };
  for (const c of computations.slice(peak.at + 1)) {
    c.reads.forEach(copy);
    done.push(reading(c, copies));
  }
  return done;
}

/** A computation that reads copies of values where there are some. */
function reading(c: Computation, copies: ReadonlyMap<string, Node>): Computation {
  const now = (key: string): string => copies.get(key)?.key ?? key;
  return {
    ...c,
    values: new Map([...c.values].map(([name, key]) => [name, now(key)])),
    reads: new Set([...c.reads].map(now)),
  };
}
