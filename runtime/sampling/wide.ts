/** The high 32 bits of the 64-bit product of two unsigned 32-bit integers. */
export function mulHigh(a: number, b: number): number {
  return Number((BigInt(a) * BigInt(b)) >> 32n);
}

/** The low 32 bits of the product of two unsigned 32-bit integers. */
export const mulLow = (a: number, b: number): number => Math.imul(a, b) >>> 0;
