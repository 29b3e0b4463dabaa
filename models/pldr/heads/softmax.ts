/** e^x / Σ e^x, in double precision. */
export function softmaxOf(logits: readonly number[]): readonly number[] {
  const highest = Math.max(...logits);
  const weights = logits.map((x) => Math.exp(x - highest));
  const sum = weights.reduce((n, x) => n + x, 0);
  return weights.map((x) => x / sum);
}
