import { EigenvalueDecomposition, LuDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';

/** What is known of a square matrix M [row, col]; σ are its singular values, largest first. */
export interface MatrixFacts {
  readonly singularValues: readonly number[];
  /** How many σ are above σ₁ · n · 2⁻²³: as many as single precision can tell from noise. */
  readonly rankInSingle: number;
  /** How many σ are above 10⁻¹² σ₁. */
  readonly rank: number;
  /** Σσ² / σ₁² */
  readonly stableRank: number;
  /** σ₁² / Σσ² */
  readonly shareOfFirst: number;
  /** −1, 0 or 1 */
  readonly detSign: number;
  /** log₁₀|det M|, −∞ where M is singular. */
  readonly log10Det: number;
  /** The largest |λ| of its eigenvalues. */
  readonly spectralRadius: number;
  readonly trace: number;
  /** √Σ Mᵢⱼ² */
  readonly frobenius: number;
  /** The largest distance of an entry from the mean of its column: 0 where all rows are equal. */
  readonly rowDeviation: number;
  /** The largest distance of an entry from the mean of its row: 0 where all columns are equal. */
  readonly columnDeviation: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** √(mean of (Mᵢⱼ − mean)²) */
  readonly deviation: number;
  readonly sharePositive: number;
  /** ‖M − Mᵀ‖ / ‖M‖: 0 for a symmetric matrix, √2 on average for one without any symmetry. */
  readonly asymmetry: number;
}

/** Analyses a matrix of `size` rows and columns, row-major, in double precision. */
export function matrixFacts(data: ArrayLike<number>, size: number): MatrixFacts {
  const m = Matrix.from1DArray(size, size, Array.from(data));
  const entries = m.to1DArray();
  const frobenius = Math.hypot(...entries);
  const singularValues = new SingularValueDecomposition(m, {
    computeLeftSingularVectors: false, computeRightSingularVectors: false,
  }).diagonal;
  const [first] = singularValues;
  const mean = meanOf(entries);
  return {
    singularValues,
    rankInSingle: singularValues.filter((s) => s > first * size * SINGLE_EPSILON).length,
    rank: singularValues.filter((s) => s > first * 1e-12).length,
    stableRank: frobenius ** 2 / first ** 2,
    shareOfFirst: first ** 2 / frobenius ** 2,
    ...determinant(m),
    spectralRadius: spectralRadius(m),
    trace: m.trace(),
    frobenius,
    rowDeviation: deviationFromColumnMeans(m),
    columnDeviation: deviationFromColumnMeans(m.transpose()),
    min: m.min(),
    max: m.max(),
    mean,
    deviation: Math.sqrt(meanOf(entries.map((v) => (v - mean) ** 2))),
    sharePositive: entries.filter((v) => v > 0).length / entries.length,
    asymmetry: Matrix.sub(m, m.transpose()).norm('frobenius') / frobenius,
  };
}

const SINGLE_EPSILON = 2 ** -23;

const meanOf = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;

/** From the factors L·U of its rows in another order: a product of pivots, as a sum of logarithms. */
function determinant(m: Matrix): Pick<MatrixFacts, 'detSign' | 'log10Det'> {
  const lu = new LuDecomposition(m);
  const pivots = lu.upperTriangularMatrix.diagonal();
  const order = permutationSign(lu.pivotPermutationVector);
  return {
    detSign: pivots.reduce((sign, p) => sign * Math.sign(p), order),
    log10Det: pivots.reduce((sum, p) => sum + Math.log10(Math.abs(p)), 0),
  };
}

/** 1 for an even number of exchanges, else −1: each cycle of length n is n − 1 exchanges. */
function permutationSign(order: readonly number[]): number {
  const seen = new Set<number>();
  let cycles = 0;
  for (let i = 0; i < order.length; i++) {
    if (seen.has(i)) continue;
    cycles += 1;
    for (let at = i; !seen.has(at); at = order[at]) seen.add(at);
  }
  return (order.length - cycles) % 2 === 0 ? 1 : -1;
}

function spectralRadius(m: Matrix): number {
  const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(m);
  return Math.max(...realEigenvalues.map((re, i) => Math.hypot(re, imaginaryEigenvalues[i])));
}

const deviationFromColumnMeans = (m: Matrix): number =>
  Matrix.abs(m.clone().subRowVector(m.mean('column'))).max();
