import { randomStream } from '../../../models/pldr/random-stream.ts';
import { againstPowers, FAR_BELOW, ofSameLayer, onFloor } from './floor.ts';
import type { Parameter } from './parameter.ts';

/**
 * Weights on the floor whose exponents are large, of one sign and the other in turn: powers of 1e-9 go from 1e-27 to
 * 1e27. U is near 1 elsewhere, so that no other power is nearly as large: blocked scores, which are the lowest numbers of
 * single precision, would leave it where a maximum of 1e31 is subtracted from them.
 */
export function extreme(p: Parameter): Float32Array {
  const [weight] = /[^.]+$/.exec(p.name) ?? [];
  switch (weight) {
    case 'pwlst': return exponents(p);
    case 'alst': return againstPowers(p, exponents({ ...p, name: ofSameLayer(p, 'pwlst') }));
    case 'Wlst': return onFloor(p).map((v) => v / 4);
    case 'blst': return onFloor(p).map((v) => (v === FAR_BELOW ? v : v + 1));
    default: return onFloor(p);
  }
}

/** 1.5 to 3 in size. */
function exponents({ name, seed, config: { heads, headDim } }: Parameter): Float32Array {
  const sizes = new Float32Array(heads * headDim ** 2);
  randomStream(seed, name).fillUniform(sizes, 0.75);
  return sizes.map((v, i) => (i % 2 === 0 ? 1 : -1) * (2.25 + v));
}
