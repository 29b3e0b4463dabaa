/** A number in at most three significant digits, with an exponent where zeros would fill the place. */
export function shortNumber(value: number): string {
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(3));
  const plain = Math.abs(rounded) >= 1e-3 && Math.abs(rounded) < 1e5;
  return plain || !Number.isFinite(rounded) ? String(rounded) : withExponent(value, 2);
}

/** A number with an exponent and up to so many digits after the point. */
export function withExponent(value: number, digits: number): string {
  return value.toExponential(digits).replace(/(\.\d*?)0+e/, '$1e').replace('.e', 'e').replace('e+', 'e');
}
