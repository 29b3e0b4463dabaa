import type { ResolvedSampling } from './options.ts';
import { uniformBits } from './random.ts';
import { filterLogits, firstPast, INTEGER } from './reference.ts';
import { portionOf } from './weights.ts';

/**
 * The token that the GPU sampler chooses for one row, computed on the CPU in the same integer arithmetic: equal to the
 * GPU's for every input, seed, stream and step.
 * @param logits [V]
 * @param place `stream` is the row's stream of random numbers (the row's number by default); `step` counts from 0
 */
export function sampleToken(
  logits: Float32Array,
  options: ResolvedSampling,
  place: { readonly stream: number; readonly step: number },
  seenIds: Iterable<number> = [],
): number {
  const { masses } = filterLogits(logits, options, seenIds, INTEGER);
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return firstPast(masses, portionOf(total, uniformBits(options.seed, place.stream, place.step)));
}
