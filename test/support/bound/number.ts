/** A value in exact arithmetic, and how far what a kernel computes may lie from it. */
export interface Bounded {
  readonly value: number;
  readonly error: number;
}

/** Half the distance of neighbours in single precision, relative to the number: 2⁻²⁴. */
export const U = 2 ** -24;

/** The same for double precision. */
export const DOUBLE_U = 2 ** -53;

/** Results below the smallest normal number may be flushed to zero (WGSL, floating-point evaluation). */
const TINY = 2 ** -126;

const LARGEST = 3.4028234663852886e38;

/** Where numbers leave single precision, or are none, WGSL promises nothing. */
export function bounded(value: number, error: number): Bounded {
  const out = !Number.isFinite(value) || Math.abs(value) > LARGEST / 2 || Number.isNaN(error);
  return { value, error: out ? Infinity : error };
}

export const exact = (value: number): Bounded => ({ value, error: 0 });

/**
 * The error carried over from operands, plus the operation's own: `ulps` units in the last place, and flushing. `u` is
 * the rounding unit of the arithmetic; `absolute` is stated for single precision, and shrinks with the unit.
 */
export function rounded(u: number, value: number, carried: number, ulps: number, absolute = 0): Bounded {
  return bounded(value, carried + ulps * 2 * u * (Math.abs(value) + carried) + absolute * (u / U) + TINY);
}

/** How far a monotone function carries an error. */
export function carriedBy(f: (x: number) => number, x: Bounded): number {
  if (x.error === 0) return 0;
  const middle = f(x.value);
  return Math.max(Math.abs(f(x.value + x.error) - middle), Math.abs(f(x.value - x.error) - middle));
}
