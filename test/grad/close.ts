/** The first number that is not another one but for roundings of the largest of all; undefined if there is none. */
export function firstApartFrom(
  got: Float64Array, expected: Float64Array, others: readonly Float64Array[],
): string | undefined {
  const size = [expected, ...others].reduce((m, data) => data.reduce((n, v) => Math.max(n, Math.abs(v)), m), 1);
  if (!Number.isFinite(size)) return undefined;
  const at = got.findIndex((v, i) => !(Math.abs(v - expected[i]) <= 1e-9 * size));
  return at < 0 ? undefined : `at ${at}: ${got[at]} instead of ${expected[at]}`;
}
