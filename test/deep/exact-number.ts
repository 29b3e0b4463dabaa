/** Numbers that JSON has no word for. */
const SPECIAL: ReadonlyMap<unknown, number> = new Map([
  ['NaN', NaN], ['Infinity', Infinity], ['-Infinity', -Infinity], ['-0', -0],
]);

/** A number as JSON that keeps every value apart, negative zero included; NaN is one value. */
export function writeNumber(x: number): number | string {
  if (Object.is(x, -0)) return '-0';
  return Number.isFinite(x) ? x : String(x);
}

/** What `writeNumber` wrote; undefined where it is anything else. */
export const readNumber = (json: unknown): number | undefined =>
  (typeof json === 'number' ? json : SPECIAL.get(json));
