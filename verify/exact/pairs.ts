import { largestDifference } from '../numbers.ts';

/** Two lists of logits that a law says are equal. */
export type Pair = readonly [ArrayLike<number>, ArrayLike<number>];

/** A text that goes on by greedy tokens, and the logits that each was chosen by: [step, vocab]. */
interface Followed {
  readonly ids: readonly number[];
  readonly logits: readonly ArrayLike<number>[];
}

/** Texts part where two logits are nearly equal: they are compared up to the first tokens that differ. */
export function pairsUntilParted(one: Followed, other: Followed): readonly Pair[] {
  const common = Math.min(one.ids.length, other.ids.length);
  const parted = one.ids.findIndex((id, n) => other.ids[n] !== id);
  return one.logits.slice(0, parted < 0 ? common : Math.min(common, parted + 1)).map((own, n): Pair => [other.logits[n], own]);
}

/** The largest difference of any pair; not a number where one of them holds something that is none. */
export function largestOf(pairs: readonly Pair[]): number {
  const differences = pairs.map(([x, y]) => largestDifference(x, y));
  return differences.some(Number.isNaN) ? NaN : Math.max(...differences);
}
