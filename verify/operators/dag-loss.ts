/**
 * ln(trace(exp(M∘M)) / d) of a square matrix M [row, col] of d = `size` rows, with M∘M the squares of its entries: how
 * much of M lies on cycles. It is 0 exactly where M is the matrix of a directed graph without cycles, and is never
 * negative, so that the absolute value of the paper's DAG loss changes nothing: l(M) is the mean of this over layers
 * and heads.
 *
 * Squares are not negative, and nothing is subtracted: all digits are kept both where the trace is hardly above d and
 * where it is no number of any float, which the authors' code returns as infinite. NaN where a square is not finite.
 * @see "PLDR-LLM: Large Language Model From Power Law Decoder Representations" (arXiv 2410.16703), DAG regularisation
 */
export function dagLoss(M: ArrayLike<number>, size: number): number {
  const squares = Float64Array.from({ length: size * size }, (_, i) => M[i] ** 2);
  if (!squares.every(Number.isFinite)) return NaN;
  // trace(exp) of a matrix is the sum of those of its cyclic parts: what lies between them is on no cycle.
  const logs = cyclicParts(squares, size).map((part) => logExcess(block(squares, size, part), part.length));
  const largest = Math.max(...logs);
  const sum = (below: number): number => logs.reduce((total, log) => total + Math.exp(log - below), 0);
  return largest < EXPONENT ? Math.log1p(sum(0) / size) : largest + Math.log(sum(largest) / size);
}

/** e to this power is a finite number, beside which no number of channels counts. */
const EXPONENT = 700;

/** Indices that reach each other, part by part; one that does not even reach itself is in none. */
function cyclicParts(N: Float64Array, size: number): readonly (readonly number[])[] {
  const reaches = Uint8Array.from(N, (v) => Number(v > 0));
  for (let via = 0; via < size; via++) {
    for (let r = 0; r < size; r++) {
      if (reaches[r * size + via] === 0) continue;
      for (let c = 0; c < size; c++) reaches[r * size + c] |= reaches[via * size + c];
    }
  }
  const indices = Array.from({ length: size }, (_, i) => i);
  const partOf = (i: number): readonly number[] =>
    indices.filter((j) => (reaches[i * size + j] & reaches[j * size + i]) === 1);
  return indices.map(partOf).filter((part, i) => part[0] === i);
}

const block = (N: Float64Array, size: number, part: readonly number[]): Float64Array =>
  Float64Array.from(part.flatMap((r) => part.map((c) => N[r * size + c])));

/** Terms of the series of exp, of which the rest is nothing beside the first where entries add up to 1 / `SMALL`. */
const TERMS = 8;
const SMALL = 16;

/** Squares of numbers below this are finite, for any number of channels. */
const RESCALED = 1e100;

/**
 * ln(trace(exp N) − n) of a matrix without negative entries, by scaling and squaring: with E(t) = exp(tN) − 1,
 * E(2t) = 2 E(t) + E(t)², and all of it divided by e^log as soon as it is large.
 */
function logExcess(N: Float64Array, n: number): number {
  const doublings = doublingsOf(N, n);
  let E = series(N.map((v) => v * 2 ** -doublings), n);
  let log = 0;
  for (let i = 0; i < doublings; i++) {
    const twice = 2 * Math.exp(-log);
    E = product(E, E, n).map((v, at) => v + twice * E[at]);
    const largest = E.reduce((most, v) => Math.max(most, v), 0);
    log *= 2;
    if (log === 0 && largest < RESCALED) continue;
    E = E.map((v) => v / largest);
    log += Math.log(largest);
  }
  let trace = 0;
  for (let i = 0; i < n; i++) trace += E[i * n + i];
  return log + Math.log(trace);
}

/** How often N is halved: until its rows add up to 1 / `SMALL`, and until the terms reach around a cycle of n steps. */
function doublingsOf(N: Float64Array, n: number): number {
  let widest = n;
  for (let r = 0; r < n; r++) widest = Math.max(widest, N.subarray(r * n, (r + 1) * n).reduce((a, b) => a + b, 0));
  return Math.ceil(Math.log2(SMALL * widest));
}

/** x + x²/2! + … of a small matrix, from the innermost bracket of x (1 + x/2 (1 + x/3 (…))) on. */
function series(x: Float64Array, n: number): Float64Array {
  let sum = x.map((v) => v / TERMS);
  for (let k = TERMS - 1; k > 0; k--) {
    for (let i = 0; i < n; i++) sum[i * n + i] += 1;
    sum = product(x, sum, n).map((v) => v / k);
  }
  return sum;
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let r = 0; r < n * n; r += n) {
    for (let k = 0; k < n; k++) {
      const factor = a[r + k];
      for (let c = 0, at = k * n; c < n; c++, at++) out[r + c] += factor * b[at];
    }
  }
  return out;
}
