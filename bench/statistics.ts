/** The middle value; of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median and extremes, so that noise shows: `161.2 (148.0 … 163.9)`. */
export function spread(values: readonly number[], digits: number): string {
  const shown = (x: number): string => x.toFixed(digits);
  if (values.length === 1) return shown(values[0]);
  return `${shown(median(values))} (${shown(Math.min(...values))} … ${shown(Math.max(...values))})`;
}
