import type { ResolvedSampling } from '../sampling/options.ts';
import { uniformBits } from '../sampling/random.ts';
import { firstPast, penalise } from '../sampling/reference.ts';
import { fractionBits, minimumWeight, portionOf, weigher } from '../sampling/weights.ts';

/**
 * `sampleToken` without ranking the vocabulary: tokens that weigh nothing are never drawn, so that only the others are
 * sorted, as numbers and not as ids.
 * @param logits [V]
 * @param place `stream` is the row's stream of random numbers; `step` counts from 0
 */
export function chooseToken(
  logits: Float32Array,
  options: ResolvedSampling,
  place: { readonly stream: number; readonly step: number },
  seenIds: Iterable<number>,
): number {
  const penalised = options.repetitionPenalty === 1 ? logits : penalise(logits, options.repetitionPenalty, seenIds);
  if (options.greedy) return likeliest(penalised);
  const numbers = penalised === logits ? penalise(logits, 1, []) : penalised; // NaN counts as −Infinity
  const weigh = weigher(numbers, options.temperature);
  const masses = Float64Array.from(numbers, weigh);
  keepLikely(numbers, masses, weigh, options);
  const minimum = minimumWeight(options.minP);
  masses.forEach((w, id) => { if (w < minimum) masses[id] = 0; });
  const total = masses.reduce((sum, w) => sum + w, 0);
  return firstPast(masses, portionOf(total, uniformBits(options.seed, place.stream, place.step)));
}

/** Of equal logits the lowest id; NaN is never larger. */
function likeliest(logits: Float32Array): number {
  let best = 0;
  let highest = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    if (logits[id] > highest) {
      highest = logits[id];
      best = id;
    }
  }
  return best;
}

type Weigh = (logit: number) => number;

/** Sets the masses of the tokens that top-p and top-k remove to 0. */
function keepLikely(logits: Float32Array, masses: Float64Array, weigh: Weigh, options: ResolvedSampling): void {
  if (options.topP === 1 && options.topK === 0) return;
  // Ascending, as typed arrays sort: the i-th likeliest stands at the i-th place from the end.
  const sorted = logits.filter((_, id) => masses[id] > 0).sort();
  const count = (options.order === 'hf' ? keptAsHuggingFace : keptAsAuthors)(sorted, weigh, options);
  const lowest = sorted[sorted.length - count];
  // The authors keep all that tie with the last one; Hugging Face keeps as many as fit, the lowest ids first.
  const above = sorted.length - upperBound(sorted, lowest);
  let ties = options.order === 'hf' && options.topP < 1 ? count - above : Infinity;
  for (let id = 0; id < logits.length; id++) {
    if (logits[id] > lowest) continue;
    if (logits[id] === lowest && ties-- > 0) continue;
    masses[id] = 0;
  }
}

/** How many of the likeliest stay: top-p, then top-k, as if nothing had been removed. At least one. */
function keptAsAuthors(sorted: Float32Array, weigh: Weigh, { topP, topK }: ResolvedSampling): number {
  const all = sorted.length;
  const nucleus = topP === 1 ? all : Math.max(withinPortion(sorted, all, topP, weigh, true), 1);
  return topK === 0 ? nucleus : Math.min(nucleus, topK);
}

/** Top-k with all that tie, then top-p over those: the token that crosses p stays. */
function keptAsHuggingFace(sorted: Float32Array, weigh: Weigh, { topP, topK }: ResolvedSampling): number {
  const k = topK === 0 || topK >= sorted.length
    ? sorted.length
    : sorted.length - lowerBound(sorted, sorted[sorted.length - topK]);
  return topP === 1 ? k : Math.min(k, withinPortion(sorted, k, topP, weigh, false) + 1);
}

/** How many of the `k` likeliest together hold at most the portion p (or less than it) of the mass of all k. */
function withinPortion(sorted: Float32Array, k: number, p: number, weigh: Weigh, orEqual: boolean): number {
  const first = sorted.length - k;
  let total = 0;
  for (let at = first; at < sorted.length; at++) total += weigh(sorted[at]);
  const limit = portionOf(total, fractionBits(p));
  let sum = 0;
  for (let n = 0; n < k; n++) {
    sum += weigh(sorted[sorted.length - 1 - n]);
    if (orEqual ? sum > limit : sum >= limit) return n;
  }
  return k;
}

/** The first place whose number is at least `x`. */
const lowerBound = (sorted: Float32Array, x: number): number => firstPlace(sorted, (v) => v >= x);

/** The first place whose number is above `x`. */
const upperBound = (sorted: Float32Array, x: number): number => firstPlace(sorted, (v) => v > x);

function firstPlace(sorted: Float32Array, passes: (v: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(sorted[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
