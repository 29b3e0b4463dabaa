/** What figures are given in: so much in a second, so long, or how many times as fast as another way. */
export type Unit = 'GB/s' | 'MB/s' | 'GFLOP/s' | 'tokens/s' | 'ms' | 'µs' | '×';

const UNITS: Readonly<Record<Unit, { readonly of: 'rate' | 'time'; readonly scale: number }>> = {
  'GB/s': { of: 'rate', scale: 1e-9 },
  'MB/s': { of: 'rate', scale: 1e-6 },
  'GFLOP/s': { of: 'rate', scale: 1e-9 },
  'tokens/s': { of: 'rate', scale: 1 },
  ms: { of: 'time', scale: 1e3 },
  'µs': { of: 'time', scale: 1e6 },
  '×': { of: 'rate', scale: 1 },
};

/** Whether more is better. */
export const isRate = (unit: Unit): boolean => UNITS[unit].of === 'rate';

/** The figure of `amount` bytes, operations or tokens in so many seconds; of a time, that of one of them. */
export function figureOf(unit: Unit, amount: number, seconds: number): number {
  const { scale } = UNITS[unit];
  return isRate(unit) ? (scale * amount) / seconds : (scale * seconds) / amount;
}
