import { randomStream } from '../../../models/pldr/random-stream.ts';
import { perturbed, type Parameter } from './parameter.ts';

/** What A_LM adds to a square that can be nothing. */
const FLOOR = 1e-9;

/**
 * A bias b whose iSwiGLU is nothing beside 1e-9, whatever W·A adds to it: −60 gives 60²·e^−60 ≈ 3e-23. Much lower ones
 * would overflow e^−U in single precision.
 */
export const FAR_BELOW = -60;

/**
 * Weights whose A_LM is on its floor of 1e-9, up to rounding, in the first entry of each head and in many others. What
 * reads a row of A_P is as small as its powers of the floor are large: as in a model that learned, G does not grow with
 * them. It would be so large that a softmax sees nothing of it but signs.
 */
export function onFloor(p: Parameter): Float32Array {
  if (p.name.endsWith('.alst')) return againstPowers(p, perturbed({ ...p, name: ofSameLayer(p, 'pwlst') }));
  const values = perturbed(p);
  if (!p.name.endsWith('.blst')) return values;
  const chosen = floorEntries(p);
  return values.map((v, i) => (chosen[i] ? FAR_BELOW : v));
}

/** a [head, row, mid], each entry divided by the largest power of the floor in the row of A_P that it reads. */
export function againstPowers(p: Parameter, exponents: Float32Array): Float32Array {
  const d = p.config.headDim;
  const isOnFloor = floorEntries(p);
  return perturbed(p).map((v, i) => {
    const row = (Math.floor(i / (d * d)) * d + (i % d)) * d;
    const sizes = Array.from({ length: d }, (_, j) => (isOnFloor[row + j] ? FLOOR ** exponents[row + j] : 0));
    return v / Math.max(1, ...sizes);
  });
}

/** Another parameter of the same layer's power law, which has the same shape. */
export const ofSameLayer = ({ name }: Parameter, other: string): string => name.replace(/[^.]+$/, other);

/** Which entries [head, row, col] of a layer's A_LM are on the floor: about a quarter. */
function floorEntries(p: Parameter): readonly boolean[] {
  const { heads, headDim } = p.config;
  const ofHead = headDim ** 2;
  const drawn = new Float32Array(heads * ofHead);
  randomStream(p.seed, ofSameLayer(p, 'blst on the floor')).fillUniform(drawn, 1);
  return Array.from(drawn, (x, i) => i % ofHead === 0 || x > 0.5);
}
