import { mulHigh, mulLow } from './wide.ts';

/**
 * The sampler's arithmetic. A token's weight is w = round(2^31 · exp((logit − heaviest) / temperature)), an unsigned
 * integer of at most 2^31. Integer sums are exact and do not depend on their order, so that a GPU with any number of
 * lanes and a CPU agree bit by bit on every threshold and every draw.
 *
 * Error against real arithmetic: the exponent is rounded twice in f32, which changes a weight by less than
 * 2^-22 · |exponent| of itself (at most 5e-6 at the far end of the tail, below 1e-6 where it matters); the polynomial
 * adds 5e-9 of itself, and the rounding to an integer 2^-32 of the heaviest weight: over V tokens of a long tail at
 * most V · 2^-32 of it. What is lighter than 2^-31.99 of the heaviest weighs nothing and is never drawn.
 *
 * WGSL leaves the rounding mode open. Every GPU known to us rounds sums and products to nearest, as the CPU does here;
 * one that does not may differ in the last bit of a weight.
 */
export const HEAVIEST = 2 ** 31;

/**
 * Polynomial of h(f) = (1 − 2^-f) / f on [0, 1] with alternating signs, as fractions of 2^32, constant term first:
 * h(f) = c0 − f (c1 − f (c2 − …)). It interpolates h at Chebyshev extrema; f·h(f) is within 2.6e-9.
 */
export const HALVING_COEFFICIENTS = [2977044187, 1031758041, 238338570, 41153319, 5482065, 469816] as const;

const HORNER_ORDER = HALVING_COEFFICIENTS.toReversed();

/** A weight of 2^-31.99 of the heaviest is the smallest that still rounds to 1. */
const NEGLIGIBLE_HALVINGS = 31.99;

/** How a difference of logits becomes a number of halvings of the weight; both are f32. */
export interface WeightScale {
  /** Halvings per *half* of a difference: the halves of two finite logits never overflow when subtracted. */
  readonly halvings: number;
  /** Half a difference from which on the weight is 0; halvings · cutoff < 32. */
  readonly cutoff: number;
}

/** The scale of one temperature. Its range is limited so that neither number leaves the normal f32 range. */
export function weightScale(temperature: number): WeightScale {
  const wanted = (2 * Math.LOG2E) / temperature;
  const halvings = Math.fround(Math.min(Math.max(wanted, 2 ** -100), 2 ** 100));
  return { halvings, cutoff: Math.fround(NEGLIGIBLE_HALVINGS / halvings) };
}

/** round(2^31 · 2^-halvings) in integers, for an f32 from 0 to 31.99. */
export function halvedWeight(halvings: number): number {
  const whole = Math.floor(halvings);
  const fraction = Math.floor((halvings - whole) * 2 ** 32);
  let slope = 0;
  for (const coefficient of HORNER_ORDER) slope = coefficient - mulHigh(slope, fraction);
  const weight = HEAVIEST - Math.floor(mulHigh(slope, fraction) / 2);
  return Math.floor((weight + Math.floor(2 ** whole / 2)) / 2 ** whole);
}

/** The integer weights of a row of f32 logits without NaN; where the heaviest is infinite, only its equals weigh. */
export function integerWeights(logits: Float32Array, temperature: number): Float64Array {
  const heaviest = logits.reduce((best, logit) => (logit > best ? logit : best), -Infinity);
  const scale = weightScale(temperature);
  return Float64Array.from(logits, (logit) => weightOf(logit, heaviest, scale));
}

function weightOf(logit: number, heaviest: number, scale: WeightScale): number {
  if (logit === heaviest) return HEAVIEST;
  if (heaviest === Infinity || logit === -Infinity) return 0;
  const half = Math.fround(Math.fround(heaviest / 2) - Math.fround(logit / 2));
  return half >= scale.cutoff ? 0 : halvedWeight(Math.fround(half * scale.halvings));
}

/** A fraction in (0, 1) as 32 bits after the binary point. */
export const fractionBits = (fraction: number): number =>
  Math.min(Math.max(Math.round(fraction * 2 ** 32), 1), 2 ** 32 - 1);

/** floor(total · bits / 2^32), plus one half when anything was cut off: it orders correctly against every integer. */
export function portionOf(total: number, bits: number): number {
  const high = Math.floor(total / 2 ** 32);
  const low = total % 2 ** 32;
  return high * bits + mulHigh(low, bits) + (mulLow(low, bits) === 0 ? 0 : 0.5);
}

/** The lightest integer weight that min-p keeps. */
export const minimumWeight = (minP: number): number => Math.ceil(minP * HEAVIEST);
