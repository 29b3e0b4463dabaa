/** The largest |xᵢ − yᵢ|; NaN where a number is missing or is NaN, or both are infinite. */
export function largestDifference(x: ArrayLike<number>, y: ArrayLike<number>): number {
  if (x.length !== y.length) return NaN;
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const own = Math.abs(x[i] - y[i]);
    if (Number.isNaN(own)) return NaN;
    if (own > largest) largest = own;
  }
  return largest;
}

/** ‖x − reference‖ / ‖reference‖, by the root of the sum of squares; 0 where both are 0. */
export function relativeChange(x: ArrayLike<number>, reference: ArrayLike<number>): number {
  let [change, norm] = [0, 0];
  for (let i = 0; i < reference.length; i++) {
    change += (x[i] - reference[i]) ** 2;
    norm += reference[i] ** 2;
  }
  return change === 0 ? 0 : Math.sqrt(change / norm);
}

/** The index of the largest number, the first of equals. */
export function argmax(xs: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < xs.length; i++) if (xs[i] > xs[best]) best = i;
  return best;
}

/** How far the largest number is above the next. */
export function margin(xs: ArrayLike<number>): number {
  let [first, second] = [-Infinity, -Infinity];
  for (let i = 0; i < xs.length; i++) {
    if (xs[i] > first) [first, second] = [xs[i], first];
    else if (xs[i] > second) second = xs[i];
  }
  return first - second;
}

/** −mean log p of a text's tokens but the first, in nats, by the logits of each position. */
export const lossOf = (logits: readonly ArrayLike<number>[], text: readonly number[]): number =>
  -text.slice(1).reduce((sum, id, n) => sum + logProbability(logits[n], id), 0) / (text.length - 1);

/** log of e^xᵢ / Σ e^x, which does not overflow. */
export function logProbability(logits: ArrayLike<number>, at: number): number {
  const largest = logits[argmax(logits)];
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i] - largest);
  return logits[at] - largest - Math.log(sum);
}
