/** Repeated figures: their middle and extremes, so that noise shows. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** How many there were. */
  readonly runs: number;
}

/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const [min, max] = values.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [Infinity, -Infinity]);
  return { median: median(values), min, max, runs: values.length };
}
