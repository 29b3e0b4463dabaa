const UNITS = [['s', 1], ['ms', 1e3], ['µs', 1e6], ['ns', 1e9]] as const;

/** A time in the unit that keeps the number from 1 to 1000, with three digits. */
export function showSeconds(seconds: number): string {
  if (seconds === 0) return '0 s';
  const [unit, factor] = UNITS.find(([, f]) => seconds * f >= 0.9995) ?? UNITS[UNITS.length - 1];
  const value = seconds * factor;
  return `${value >= 99.95 ? Math.round(value) : value.toPrecision(3)} ${unit}`;
}
