/**
 * The generator behind `random`: a 32-bit permuted congruential hash of (seed, index), the same in the interpreter and
 * in WGSL, so that both draw the same numbers. Mixing steps: M. O'Neill's PCG output permutation (RXS-M-XS), applied
 * twice.
 */
export function randomUniform(seed: number, index: number): number {
  return (permute((permute(index >>> 0) + (seed >>> 0)) >>> 0) >>> 8) / 16777216;
}

function permute(input: number): number {
  const state = (Math.imul(input, 747796405) + 2891336453) >>> 0;
  const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}
