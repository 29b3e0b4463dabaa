import { expect } from 'vitest';
import type { ResolvedSampling } from '../../runtime/sampling/options.ts';
import { filterLogits } from '../../runtime/sampling/reference.ts';

/**
 * How far a sum of integer weights may be from the sum of probabilities. Each weight is off by 2^-22 of itself per unit
 * of its exponent, and the mean exponent of a distribution over V tokens, its weights taken, is at most ln V < 11.
 */
const MASS_ERROR = 3e-6;

/**
 * Checks what was kept against the meaning in f64: all that it keeps with slightly stricter bounds, nothing that it
 * removes with slightly looser ones. Only masses are uncertain; ties and the count of top-k are exact.
 */
export function expectSandwiched(
  kept: readonly boolean[],
  logits: Float32Array,
  options: ResolvedSampling,
  seen: readonly number[],
): void {
  const { topP, minP } = options;
  const shifted = (by: number): readonly boolean[] =>
    filterLogits(
      logits,
      {
        ...options,
        topP: topP === 1 ? 1 : Math.min(Math.max(topP + by * MASS_ERROR, Number.MIN_VALUE), 1),
        minP: Math.min(minP * (1 - by * MASS_ERROR), 1),
      },
      seen,
    ).kept;
  const strict = shifted(-1);
  const loose = shifted(1);
  const wrong = kept.flatMap((keep, id) => ((strict[id] && !keep) || (keep && !loose[id]) ? [id] : []));
  expect(wrong).toEqual([]);
}
