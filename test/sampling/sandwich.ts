import { expect } from 'vitest';
import type { ResolvedSampling } from '../../runtime/sampling/options.ts';
import { filterLogits, penalise } from '../../runtime/sampling/reference.ts';

/** An integer weight is a multiple of this part of the heaviest. */
const UNIT = 2 ** -31;

/**
 * How far an integer weight may be from the exact weight e = exp(−x), where x = (heaviest − logit) / temperature; both
 * as parts of the heaviest weight.
 *
 * - Relative to e: the number of halvings takes three roundings to single precision (its scale, the difference of the
 *   logits, their product), each 2^-24 of x, together less than 2^-22 · x; the polynomial, which is cut off after 32
 *   bits, adds 7e-9 (`integer weights` in arithmetic.test.ts).
 * - Absolute: rounding to an integer moves a weight by half a unit. From 31.99 halvings on it is 0, and was at most
 *   2^0.01 / 2 = 0.504 units. What is lighter than half a unit is 0 as well, and so off by itself at most.
 */
const weightError = (x: number): number => {
  const exact = Math.exp(-x);
  return exact === 0 ? 0 : exact * (2 ** -22 * x + 7e-9) + Math.min(exact, 0.51 * UNIT);
};

/**
 * How far any mass that is selected by rank may lie from its exact part of the whole, where the whole is the row or its
 * likeliest tokens (those that top-k leaves).
 *
 * A part C of a whole T moves by (dC − (C / T) · dT) / (T + dT), which is at most Σ weightError / (T + dT), since dC is
 * a part of the sum dT. Relative to its weight, a lighter token errs more; so of all wholes the row itself has the
 * largest such quotient. The factor covers T + dT instead of T; the last summand covers the rounding of p to 32 bits
 * (half of it) and of sums in f64.
 */
export function massError(logits: Float32Array, options: ResolvedSampling, seen: readonly number[] = []): number {
  const { temperature } = options;
  const penalised = penalise(logits, options.repetitionPenalty, seen);
  const heaviest = penalised.reduce((most, logit) => Math.max(most, logit), -Infinity);
  let [error, total] = [0, 0];
  for (const logit of penalised) {
    if (logit === heaviest) total += 1; // exact in both
    else if (heaviest !== Infinity && logit !== -Infinity) {
      error += weightError((heaviest - logit) / temperature);
      total += Math.exp((logit - heaviest) / temperature);
    }
  }
  return 1.001 * (error / total) + 2 ** -32;
}

/**
 * Checks what was kept against the meaning in f64: all that it keeps with slightly stricter bounds, nothing that it
 * removes with slightly looser ones. Only masses are uncertain; ties and the count of top-k are exact. Min-p compares
 * single weights, so that its bound moves by the error of a weight that lies there.
 */
export function expectSandwiched(
  kept: readonly boolean[],
  logits: Float32Array,
  options: ResolvedSampling,
  seen: readonly number[],
): void {
  const { topP, minP } = options;
  const mass = massError(logits, options, seen);
  const weight = minP === 0 ? 0 : 1.001 * (minP * (2 ** -22 * -Math.log(minP) + 7e-9) + 0.51 * UNIT);
  const shifted = (by: number): readonly boolean[] =>
    filterLogits(
      logits,
      {
        ...options,
        topP: topP === 1 ? 1 : Math.min(Math.max(topP + by * mass, Number.MIN_VALUE), 1),
        minP: Math.min(minP - by * weight, 1),
      },
      seen,
    ).kept;
  const strict = shifted(-1);
  const loose = shifted(1);
  const wrong = kept.flatMap((keep, id) => ((strict[id] && !keep) || (keep && !loose[id]) ? [id] : []));
  expect(wrong).toEqual([]);
}
