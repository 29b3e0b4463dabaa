/**
 * Made-up numbers, the same on every machine: multiples of 1/256 below 1/2, so that a weight is the same number in each
 * storage. For int8 this needs a number of 127/256 in each row, which then has the scale 1/256.
 */
export function numberAt(tensor: string, i: number): number {
  if (tensor !== MATRIX) return (((i * 7907) % 251) - 125) / 256;
  return i % LARGEST_EVERY === 0 ? 127 / 256 : (((i * 7919) % 255) - 127) / 256;
}

/** Rows of matrices are a multiple of so many long. */
const LARGEST_EVERY = 16;

/** The name of the weight that may be kept in fewer bits. */
export const MATRIX = 'w';

/** What a result should be, and the size of what it was summed from, by which rounding is judged. */
export interface Expected {
  readonly value: number;
  readonly size: number;
}

/** Σ over k < n, in double precision. */
export function sumOf(n: number, term: (k: number) => number): Expected {
  let [value, size] = [0, 0];
  for (let k = 0; k < n; k++) {
    const x = term(k);
    value += x;
    size += Math.abs(x);
  }
  return { value, size };
}

/** A result that no long sum has rounded. */
export const exactly = (value: number): Expected => ({ value, size: Math.abs(value) });
