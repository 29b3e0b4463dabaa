import { mulHigh, mulLow } from './wide.ts';

/**
 * Constants of Philox-2x32: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 * The generator has no state: what it returns is a function of the key and the counter, so that a draw depends neither
 * on the machine nor on which rows share a batch.
 */
export const PHILOX = { multiplier: 0xd256_d193, keyStep: 0x9e37_79b9, rounds: 10 } as const;

/** Both 32-bit words of Philox-2x32-10 for one key and a counter of two words. */
export function philox(key: number, counter: readonly [number, number]): readonly [number, number] {
  let [left, right] = counter;
  let roundKey = key;
  for (let round = 0; round < PHILOX.rounds; round++) {
    const high = mulHigh(PHILOX.multiplier, left);
    const low = mulLow(PHILOX.multiplier, left);
    left = (high ^ roundKey ^ right) >>> 0;
    right = low;
    roundKey = (roundKey + PHILOX.keyStep) >>> 0;
  }
  return [left, right];
}

/** The uniform 32-bit integer that decides the token of one row's stream at one step. */
export const uniformBits = (seed: number, stream: number, step: number): number => philox(seed, [step, stream])[0];
