import { LARGEST } from '../compiler/program.ts';
import { narrowToBf16, narrowToF16 } from './safetensors/half.ts';

/** Numbers of fewer bits as words of four bytes, filled up with zeros. */
function words(narrow: Int8Array | Uint16Array): Uint32Array {
  const bytes = new Uint8Array(Math.ceil(narrow.byteLength / 4) * 4);
  bytes.set(new Uint8Array(narrow.buffer, narrow.byteOffset, narrow.byteLength));
  return new Uint32Array(bytes.buffer);
}

/** The upper halves of f32 numbers, rounded to nearest. */
export const bf16Words = (x: Float32Array): Uint32Array => words(narrowToBf16(x));

/** The nearest numbers of IEEE binary16; those beyond its range become infinite. */
export const f16Words = (x: Float32Array): Uint32Array => words(narrowToF16(x));

/** From here on the nearest number of binary16 is infinite: half a step above its largest, 65504. */
const BEYOND_F16 = 65520;

/** The place of the first number that binary16 has nothing near for; undefined where it has for all. */
export function firstBeyondF16(x: Float32Array): number | undefined {
  const at = x.findIndex((v) => !(Math.abs(v) < BEYOND_F16));
  return at < 0 ? undefined : at;
}

/** Integers from -127 to 127; what lies between or beyond becomes the nearest of them. */
export function int8Words(x: Float32Array): Uint32Array {
  const integers = new Int8Array(x.length);
  for (let i = 0; i < x.length; i++) integers[i] = Math.round(Math.min(LARGEST.int8, Math.max(-LARGEST.int8, x[i])));
  return words(integers);
}

/** Rows as integers times a scale of each row, which takes its largest number to ±127. */
export function quantized(
  x: Float32Array, row: number,
): { readonly integers: Uint32Array; readonly scales: Float32Array } {
  const scales = new Float32Array(Math.ceil(x.length / row));
  const divided = new Float32Array(x.length);
  for (let r = 0; r < scales.length; r++) {
    const [from, to] = [r * row, Math.min((r + 1) * row, x.length)];
    let largest = 0;
    for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(x[i]));
    scales[r] = largest / LARGEST.int8;
    const by = scales[r] === 0 ? 0 : 1 / scales[r];
    for (let i = from; i < to; i++) divided[i] = x[i] * by;
  }
  return { integers: int8Words(divided), scales };
}
