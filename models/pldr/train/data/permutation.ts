import { randomStream } from '../../random-stream.ts';

/**
 * The numbers 0 … count − 1 in random order: the shuffle of Fisher and Yates with xoshiro128**, whose state comes from
 * the seed and the name. The same seed, name and count always give the same order.
 */
export function permutation(count: number, seed: number, name: string): Uint32Array {
  const order = new Uint32Array(count).map((_, i) => i);
  const random = randomStream(seed, name);
  for (let last = count - 1; last > 0; last--) {
    const chosen = random.below(last + 1);
    const held = order[last]!;
    order[last] = order[chosen]!;
    order[chosen] = held;
  }
  return order;
}
