/** How far the operators of one layer's heads lie apart; the paper does not say which RMSE its Table 2 means. */
export interface BetweenHeads {
  /** Root mean square of the differences of entries, over all pairs of heads. */
  readonly pairs: number;
  /** The same over heads that follow one another. */
  readonly neighbours: number;
  /** Root mean square distance of entries from the heads' mean. */
  readonly fromMean: number;
}

/** Compares matrices of one size, a head each. One head alone is compared with nothing: NaN, and 0 from the mean. */
export function betweenHeads(heads: readonly ArrayLike<number>[]): BetweenHeads {
  const count = heads.length;
  const size = heads[0].length;
  let [pairs, neighbours, fromMean] = [0, 0, 0];
  for (let i = 0; i < size; i++) {
    const entries = heads.map((h) => h[i]);
    const mean = entries.reduce((sum, v) => sum + v, 0) / count;
    const spread = entries.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    fromMean += spread / count;
    // Σ over pairs of (a − b)² is n times the sum of squares about the mean.
    pairs += (count * spread) / ((count * (count - 1)) / 2);
    neighbours += entries.slice(1).reduce((sum, v, h) => sum + (v - entries[h]) ** 2, 0) / (count - 1);
  }
  const root = (sum: number): number => Math.sqrt(sum / size);
  return { pairs: root(pairs), neighbours: root(neighbours), fromMean: root(fromMean) };
}
