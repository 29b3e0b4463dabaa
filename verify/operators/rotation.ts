/** Which channels of a head are turned together: 2m and 2m + 1, or m and m + d/2. */
export type RotationPairs = 'neighbours' | 'halves';

/**
 * The share of an operator [row, col] that does not commute with rotary position embedding: ‖G − C(G)‖ / ‖G‖, where C(G)
 * is the nearest matrix that commutes with the rotation of every position. Angles differ from pair to pair, so that such
 * a matrix turns and scales each pair of channels for itself: the blocks (a, −b; b, a) on the diagonal. 0 for an
 * operator whose scores depend on distances alone, 1 for one that has nothing of that kind.
 */
export function rotationResidual(G: ArrayLike<number>, size: number, pairs: RotationPairs): number {
  const pairOf = (i: number): number => (pairs === 'neighbours' ? i >> 1 : i % (size / 2));
  const partnerOf = (i: number): number => (pairs === 'neighbours' ? i ^ 1 : (i + size / 2) % size);
  let [rest, norm] = [0, 0];
  for (let r = 0; r < size; r++) {
    for (let c = 0; c < size; c++) {
      const own = G[r * size + c];
      // a = (g₀₀ + g₁₁) / 2 and b = (g₁₀ − g₀₁) / 2: each entry's mean with the one across its block, signed.
      const across = G[partnerOf(r) * size + partnerOf(c)] * (r === c ? 1 : -1);
      const nearest = pairOf(r) === pairOf(c) ? (own + across) / 2 : 0;
      rest += (own - nearest) ** 2;
      norm += own ** 2;
    }
  }
  return norm === 0 ? 0 : Math.sqrt(rest / norm);
}
