import type { ResolvedSampling } from './options.ts';
import { fractionBits, integerWeights, minimumWeight, portionOf } from './weights.ts';

/** What the filters leave of one row. */
export interface FilteredLogits {
  /** Per token whether the filters keep it. */
  readonly kept: readonly boolean[];
  /** Per token its probability among the kept ones; 0 for the others. */
  readonly probs: Float64Array;
  /** The probabilities before they were normalised: the weights of the kept tokens; 0 for the others. */
  readonly masses: Float64Array;
}

/**
 * How masses are computed. `EXACT` is the meaning (f64); `INTEGER` is the GPU sampler's own arithmetic, bit by bit.
 */
export interface MassArithmetic {
  /** exp((logit − heaviest) / temperature) per token, in any unit. */
  weights(logits: Float32Array, temperature: number): Float64Array;
  /** The part `fraction` of a sum of weights, as a number that every sum of weights may be compared with. */
  portion(total: number, fraction: number): number;
  /** The least weight that min-p keeps. */
  minimum(minP: number): number;
}

export const EXACT: MassArithmetic = {
  weights: exactWeights,
  portion: (total, fraction) => total * fraction,
  minimum: (minP) => minP,
};

export const INTEGER: MassArithmetic = {
  weights: integerWeights,
  portion: (total, fraction) => portionOf(total, fractionBits(fraction)),
  minimum: minimumWeight,
};

/**
 * The filters of one row of V logits, on the CPU: the meaning that the GPU sampler is checked against. Tokens tie when
 * their penalised f32 logits are equal; NaN counts as −Infinity. Two infinite logits of the same sign tie as well.
 * @param logits [V]
 * @param seenIds the tokens of the prompt and of the text so far, for the repetition penalty; repeats change nothing
 */
export function filterLogits(
  logits: Float32Array,
  options: ResolvedSampling,
  seenIds: Iterable<number> = [],
  masses: MassArithmetic = EXACT,
): FilteredLogits {
  const penalised = penalise(logits, options.repetitionPenalty, seenIds);
  const ranking = rankTokens(penalised);
  if (options.greedy) return renormalise(only(logits.length, ranking.slice(0, 1)), logits.map(() => 1));
  const weights = masses.weights(penalised, options.temperature);
  const row: Row = { logits: penalised, ranking, weights, options, masses };
  const kept = options.order === 'hf' ? filterAsHuggingFace(row) : filterAsAuthors(row);
  const minimum = masses.minimum(options.minP);
  return renormalise(kept.map((keep, id) => keep && at(weights, id) >= minimum), weights);
}

/** The first id up to which more than `target` lies; where rounding leaves none, the last id that has any mass. */
export function firstPast(masses: Float64Array, target: number): number {
  let sum = 0;
  const chosen = masses.findIndex((mass) => (sum += mass) > target);
  return chosen === -1 ? masses.findLastIndex((mass) => mass > 0) : chosen;
}

/**
 * The repetition penalty of Keskar et al. (CTRL, 2019) as Hugging Face applies it: once per distinct token. Positive
 * logits are multiplied by the rounded reciprocal, because a GPU's division is not exact to the last bit.
 */
export function penalise(logits: Float32Array, penalty: number, seenIds: Iterable<number>): Float32Array {
  const penalised = logits.map((logit) => (Number.isNaN(logit) ? -Infinity : logit));
  if (penalty !== 1) penaliseSeen(penalised, penalty, new Set(seenIds));
  return penalised;
}

/** Applies a repetition penalty in place, to logits without NaN. */
export function penaliseSeen(logits: Float32Array, penalty: number, seen: ReadonlySet<number>): void {
  const factor = Math.fround(penalty);
  const reciprocal = Math.fround(1 / penalty);
  for (const id of seen) {
    const logit = at(logits, id);
    logits[id] = logit * (logit > 0 ? reciprocal : factor);
  }
}

interface Row {
  readonly logits: Float32Array;
  /** Ids from the most to the least likely; of ties the lowest id first. */
  readonly ranking: readonly number[];
  readonly weights: Float64Array;
  readonly options: ResolvedSampling;
  readonly masses: MassArithmetic;
}

/** Top-p, then top-k. Removed tokens rank below every kept one, so that k counts as if nothing had been removed. */
function filterAsAuthors(row: Row): readonly boolean[] {
  const { logits, ranking, options } = row;
  const lowest = Math.max(authorsNucleus(row), kthLogit(row, options.topK));
  const kept = ranking.filter((id) => at(logits, id) >= lowest);
  return only(logits.length, kept);
}

/** The lowest logit that the authors' top-p keeps: the n-th from 0, n = max(#{i : c_i ≤ p} − 1, 0). */
function authorsNucleus({ logits, ranking, weights, options, masses }: Row): number {
  if (options.topP === 1) return -Infinity;
  const cumulative = prefixSums(ranking.map((id) => at(weights, id)));
  const limit = masses.portion(cumulative.at(-1) ?? 0, options.topP);
  const within = cumulative.filter((sum) => sum <= limit).length;
  return at(logits, at(ranking, Math.max(within - 1, 0)));
}

/** Top-k, then top-p over what is left: a token stays while the mass of the likelier ones is below p. */
function filterAsHuggingFace(row: Row): readonly boolean[] {
  const { logits, ranking, weights, options, masses } = row;
  const lowest = kthLogit(row, options.topK);
  const left = ranking.filter((id) => at(logits, id) >= lowest);
  if (options.topP === 1) return only(logits.length, left);
  const cumulative = prefixSums(left.map((id) => at(weights, id)));
  const limit = masses.portion(cumulative.at(-1) ?? 0, options.topP);
  return only(logits.length, left.filter((_, rank) => rank === 0 || at(cumulative, rank - 1) < limit));
}

/** The k-th largest logit; −Infinity when top-k is off. */
const kthLogit = ({ logits, ranking }: Row, k: number): number =>
  k === 0 ? -Infinity : at(logits, at(ranking, k - 1));

function rankTokens(logits: Float32Array): readonly number[] {
  const ids = Array.from(logits, (_, id) => id);
  // Equal infinities must tie, which their difference (NaN) would not say.
  const descending = (a: number, b: number): number => (a === b ? 0 : b - a);
  return ids.sort((a, b) => descending(at(logits, a), at(logits, b)) || a - b);
}

function exactWeights(logits: Float32Array, temperature: number): Float64Array {
  const heaviest = logits.reduce((best, logit) => Math.max(best, logit), -Infinity);
  return Float64Array.from(logits, (logit) => (logit === heaviest ? 1 : Math.exp((logit - heaviest) / temperature)));
}

function prefixSums(values: readonly number[]): readonly number[] {
  let sum = 0;
  return values.map((value) => (sum += value));
}

function only(vocab: number, ids: readonly number[]): readonly boolean[] {
  const kept = new Array<boolean>(vocab).fill(false);
  for (const id of ids) kept[id] = true;
  return kept;
}

function renormalise(kept: readonly boolean[], weights: ArrayLike<number>): FilteredLogits {
  const masses = Float64Array.from(weights, (weight, id) => (kept[id] === true ? weight : 0));
  const total = masses.reduce((sum, mass) => sum + mass, 0);
  return { kept, probs: masses.map((mass) => mass / total), masses };
}

/** An element that the caller knows to be there. */
function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`There is no element ${index} among ${values.length}.`);
  return value;
}
