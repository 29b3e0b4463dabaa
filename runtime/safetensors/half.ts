// Conversions work on bit patterns, not on JavaScript numbers, because an engine may change the payload of a NaN
// that passes through a number: a checkpoint must survive F16 → F32 → F16 bit for bit.

const F32_INFINITY = 0x7f800000;
const F16_INFINITY = 0x7c00;

/** Bits of the float32 that equals the IEEE binary16 with the bits `half`; every value is representable. */
export function f16ToF32Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | F32_INFINITY | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // A subnormal half is a normal float32: move its leading one to the hidden bit.
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0;
}

/** Bits of the binary16 nearest to the float32 with the bits `bits`; ties to even, overflow to infinity. */
export function f32ToF16Bits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // A NaN whose payload lies in the dropped bits alone would become infinity: give it the quiet bit.
  if (magnitude > F32_INFINITY) return sign | F16_INFINITY | (((magnitude >>> 13) & 0x3ff) || 0x200);
  if (magnitude >= 0x47800000) return sign | F16_INFINITY;
  if (magnitude >= 0x38800000) return sign | roundShift(magnitude - 0x38000000, 13);
  // Below 2^-25 everything rounds to zero; the shift beyond 24 bits would not be defined either.
  if (magnitude < 0x33000000) return sign;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  return sign | roundShift(mantissa, 126 - (magnitude >>> 23));
}

/** Bits of the bfloat16 nearest to the float32 with the bits `bits`; ties to even, overflow to infinity. */
export function f32ToBf16Bits(bits: number): number {
  const magnitude = bits & 0x7fffffff;
  if (magnitude > F32_INFINITY) return ((bits >>> 16) & 0x8000) | 0x7f80 | (((magnitude >>> 16) & 0x7f) || 0x40);
  return roundShift(bits >>> 0, 16);
}

/** `value / 2^shift`, rounded to nearest, ties to even. */
const roundShift = (value: number, shift: number): number =>
  (value + (2 ** (shift - 1) - 1) + ((value >>> shift) & 1)) >>> shift;

const bitsOf = (floats: Float32Array): Uint32Array =>
  new Uint32Array(floats.buffer, floats.byteOffset, floats.length);

/** Widens binary16 bit patterns; exact. `target` is at least as long as `source`. */
export function widenF16(source: Uint16Array, target: Float32Array): void {
  const bits = bitsOf(target);
  for (let i = 0; i < source.length; i++) bits[i] = f16ToF32Bits(source[i]!);
}

/** Widens bfloat16 bit patterns; exact. `target` is at least as long as `source`. */
export function widenBf16(source: Uint16Array, target: Float32Array): void {
  const bits = bitsOf(target);
  for (let i = 0; i < source.length; i++) bits[i] = source[i]! << 16;
}

/** Rounds to binary16 bit patterns, the raw form that the safetensors writer takes for F16. */
export function narrowToF16(source: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = bitsOf(source);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) halves[i] = f32ToF16Bits(bits[i]!);
  return halves;
}

/** Rounds to bfloat16 bit patterns, the raw form that the safetensors writer takes for BF16. */
export function narrowToBf16(source: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = bitsOf(source);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) halves[i] = f32ToBf16Bits(bits[i]!);
  return halves;
}
