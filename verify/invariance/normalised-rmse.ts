/** How far numbers lie from a reference, as a root mean square and in units of the reference's mean. */
export interface NormalisedRmse {
  /** √(mean of (xᵢ − rᵢ)²) */
  readonly rmse: number;
  /** The mean of all rᵢ. */
  readonly mean: number;
  /** rmse / |mean|: 0 where both are equal, infinite where only the mean is 0. */
  readonly normalised: number;
}

/** Compares numbers that lie in several tensors, which are as many and as long on both sides. */
export function normalisedRmse(
  parts: readonly ArrayLike<number>[], reference: readonly ArrayLike<number>[],
): NormalisedRmse {
  let [squares, sum, count] = [0, 0, 0];
  reference.forEach((r, p) => {
    for (let i = 0; i < r.length; i++) {
      squares += (parts[p][i] - r[i]) ** 2;
      sum += r[i];
    }
    count += r.length;
  });
  const [rmse, mean] = [Math.sqrt(squares / count), sum / count];
  return { rmse, mean, normalised: rmse === 0 ? 0 : rmse / Math.abs(mean) };
}
