/** The high 32 bits of the 64-bit product of two unsigned 32-bit integers, by halves: no step leaves what f64 holds. */
export function mulHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const left = aHigh * bLow;
  const right = aLow * bHigh;
  const carry = ((aLow * bLow) >>> 16) + (left & 0xffff) + (right & 0xffff);
  return aHigh * bHigh + (left >>> 16) + (right >>> 16) + (carry >>> 16);
}

/** The low 32 bits of the product of two unsigned 32-bit integers. */
export const mulLow = (a: number, b: number): number => Math.imul(a, b) >>> 0;
