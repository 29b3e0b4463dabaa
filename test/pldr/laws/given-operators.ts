import type { PldrConfig } from '../../../models/pldr/config.ts';
import { randomStream } from '../../../models/pldr/random-stream.ts';

/** An operator for every layer and head, of the size of those that models learn. */
export function randomG({ layers, heads, headDim: d }: PldrConfig, seed: number): Float64Array {
  const out = new Float32Array(layers * heads * d * d);
  randomStream(seed, 'G').fillNormal(out, 1);
  return Float64Array.from(out);
}

/** The identity for every layer and head. */
export const identityG = ({ layers, heads, headDim: d }: PldrConfig): Float64Array =>
  Float64Array.from({ length: layers * heads * d * d }, (_, i) => (Math.floor(i / d) % d === i % d ? 1 : 0));
