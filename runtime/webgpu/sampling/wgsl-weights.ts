import { PHILOX } from '../../sampling/random.ts';
import { HALVING_COEFFICIENTS, HEAVIEST } from '../../sampling/weights.ts';

/** 64-bit integers as vec2u(low, high), as far as sums of weights need them. */
const WIDE_WGSL = `
fn plus(a: vec2u, b: vec2u) -> vec2u {
  let low = a.x + b.x;
  return vec2u(low, a.y + b.y + u32(low < a.x));
}

fn minus(a: vec2u, b: vec2u) -> vec2u {
  return vec2u(a.x - b.x, a.y - b.y - u32(a.x < b.x));
}

fn less(a: vec2u, b: vec2u) -> bool {
  return (a.y < b.y) | ((a.y == b.y) & (a.x < b.x));
}

// The 64-bit product, from four products of 16-bit halves: WGSL has no high half of a product.
fn times(a: u32, b: u32) -> vec2u {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let cross = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let middle = (a & 0xffffu) * (b >> 16u) + (cross & 0xffffu);
  return vec2u(a * b, (a >> 16u) * (b >> 16u) + (cross >> 16u) + (middle >> 16u));
}

struct Portion { whole: vec2u, hasFraction: bool }

// The part \`bits\` / 2^32 of a sum.
fn portionOf(total: vec2u, bits: u32) -> Portion {
  let low = times(total.x, bits);
  return Portion(plus(times(total.y, bits), vec2u(low.y, 0u)), low.x != 0u);
}
`;

/** Philox-2x32 (random.ts). */
const RANDOM_WGSL = `
fn philox(key: u32, counter: vec2u) -> u32 {
  var left = counter.x;
  var right = counter.y;
  var roundKey = key;
  for (var round = 0u; round < settings.trips.philoxRounds; round++) {
    let product = times(${PHILOX.multiplier}u, left);
    left = product.y ^ roundKey ^ right;
    right = product.x;
    roundKey += ${PHILOX.keyStep}u;
  }
  return left;
}
`;

/** slope = c0 - f * (c1 - f * (…)), innermost first. */
const HORNER_WGSL = HALVING_COEFFICIENTS.toReversed()
  .map((coefficient) => `  slope = ${coefficient}u - times(slope, fraction).y;`)
  .join('\n');

/** Integer weights (weights.ts has the derivation and the error). */
const WEIGHTS_WGSL = `
const HEAVIEST_WEIGHT = ${HEAVIEST}u;

// round(2^31 * 2^-halvings) in integers, so that every device gets the same weight.
fn halvedWeight(halvings: f32) -> u32 {
  let whole = u32(halvings);
  let fraction = u32((halvings - f32(whole)) * 4294967296.0);
  var slope = 0u;
${HORNER_WGSL}
  let weight = HEAVIEST_WEIGHT - (times(slope, fraction).y >> 1u);
  return (weight + ((1u << whole) >> 1u)) >> whole;
}

fn weightOf(key: u32, heaviest: u32) -> u32 {
  // Halved, because the difference of two finite logits may overflow.
  let halfDistance = 0.5 * logitOf(heaviest) - 0.5 * logitOf(key);
  // WGSL promises nothing about arithmetic on infinities: what it gives for them is not used.
  let weighs = (heaviest < PLUS_INFINITY) & (key > MINUS_INFINITY) & (halfDistance < settings.cutoff);
  let weight = halvedWeight(select(0.0, halfDistance * settings.halvings, weighs));
  return select(select(0u, weight, weighs), HEAVIEST_WEIGHT, key == heaviest);
}
`;

/** Needs `settings`, the keys and their constants from wgsl-row.ts. */
export const ARITHMETIC_WGSL = WIDE_WGSL + RANDOM_WGSL + WEIGHTS_WGSL;
