import { median } from '../cli/bench/statistics.ts';

export { median };

/** Median and extremes, so that noise shows: `161.2 (148.0 … 163.9)`. */
export function spread(values: readonly number[], digits: number): string {
  const shown = (x: number): string => x.toFixed(digits);
  if (values.length === 1) return shown(values[0]);
  return `${shown(median(values))} (${shown(Math.min(...values))} … ${shown(Math.max(...values))})`;
}
