import { axis, showAxis, type Axis } from '../axis.ts';
import { RicciError } from '../errors.ts';
import { dot, max, sum } from '../ops/contraction.ts';
import { constant, iota } from '../ops/leaves.ts';
import { abs, add, div, equal, less, map, mul, sub, where } from '../ops/pointwise.ts';
import { stopGradient } from '../ops/stop-gradient.ts';
import { rename } from '../ops/views.ts';
import { log, max as larger, min as smaller, scalar } from '../scalar/index.ts';
import { tensorOf, type AnyTensor, type Has, type Tensor } from '../tensor.ts';
import { balanced, type Balanced, type Matrices } from './balance.ts';
import { exponentOf, log1p, timesLargePowerOfTwo, timesPowerOfTwo } from './elementary.ts';

/** One number for each matrix. */
type PerMatrix = Tensor<never>;

/** e^N − 1 of each matrix N, as 2^exponent · share, and what its matrices were scaled by. */
interface Exponential {
  readonly share: Matrices;
  readonly exponent: PerMatrix;
}

/**
 * l(M) = ln(trace(exp(M∘M)) / d) of matrices of d rows and columns, M∘M the squares of the entries: 0 where M is the
 * matrix of a graph without cycles, and never negative. `M` has the axes `Row` and `Col`, which the result lacks.
 *
 * The trace itself is no float for most matrices. So e^N − 1 is found by scaling and squaring with a power of two in
 * front, E(2t) = 2E(t) + E(t)². Nothing is ever subtracted, so small l keep their digits; and nothing overflows, for any
 * finite M with a finite l. Each matrix, balanced first, is doubled as often as the sums of its rows ask for. Where that
 * is more often than `DOUBLINGS`, l(N) is taken as t·l(N/t), since it is all but a straight line there: t·ln d is beside
 * t·ρ(N/t), the spectral radius.
 *
 * The gradient is known, 2M ∘ exp(M∘M)ᵀ / trace, and is given in that form: nothing goes back through the squarings, and
 * none of them need to be kept.
 * @see Zheng et al., "DAGs with NO TEARS" (arXiv 1803.01422); Al-Mohy and Higham, "A new scaling and squaring algorithm
 * for the matrix exponential" (2009)
 * @throws `dsl/not-square`
 */
export function logTraceExp<A extends string>(
  M: Tensor<A> & Has<A, 'row' | 'col'>, Row: Axis<'row'>, Col: Axis<'col'>,
): Tensor<Exclude<A, 'row' | 'col'>> {
  const { value, slope } = logTraceExpWithSlope(M, Row, Col);
  // 0 with the slope as its gradient.
  const change = sub(tensorOf<'row' | 'col'>(M.node), stopGradient(tensorOf<'row' | 'col'>(M.node)));
  const rise = sum(sum(mul(stopGradient(slope), change), Col), Row);
  return tensorOf(add(stopGradient(value), rise).node);
}

/** l(M), and its derivative by every entry of M. Neither is to be differentiated further. @throws `dsl/not-square` */
export function logTraceExpWithSlope(
  matrices: AnyTensor, Row: Axis<'row'>, Col: Axis<'col'>,
): { readonly value: PerMatrix; readonly slope: Matrices } {
  const M: Matrices = tensorOf(matrices.node);
  const d = sizeOfSquare(Row, Col);
  const whole = { Row, Col, Via: axis('via', d) };
  const largest = map(exponentOf, max(max(abs(M), Col), Row));
  const scaled = map(squareOfScaled, M, largest);
  const start = balanced(scaled, Row, Col);
  const bound = map(exponentOf, max(sum(start.matrices, Col), Row));
  const doublings = map(doublingsFor, largest, bound, Math.ceil(Math.log2(d)));
  const small = map(timesLargePowerOfTwo, start.matrices, map(twiceLess, largest, doublings));
  const E = doubled(series(small, whole), doublings, whole);
  const trace = sum(sum(where(equal(iota(Row), iota(Col)), E.share, 0), Col), Row);
  const value = map(growth, div(trace, d), E.exponent, doublings);
  return { value, slope: slopeAt(M, E, trace, start, whole, d) };
}

interface SquareAxes {
  readonly Row: Axis<'row'>;
  readonly Col: Axis<'col'>;
  /** What a product of two matrices is summed over. */
  readonly Via: Axis<'via'>;
}

const squareOfScaled = scalar((m, exponent) => {
  const scaled = timesPowerOfTwo(m, -exponent);
  return scaled * scaled;
});

/** Rows of what the series is taken of add up to 2⁻⁴ at most: its rest is below 10⁻¹². */
const SMALL = 4;
const TERMS = 6;

/** How often most: rows that add up to 2³² are met exactly. */
const DOUBLINGS = 36;

/**
 * How often N is halved: until rows add up to 2^−SMALL (`bound` is the exponent of their sums in N / 4^largest), and
 * until the series reaches around a cycle of all d channels, whatever entries are.
 */
const doublingsFor = scalar((largest, bound, channels) => SMALL + larger(channels, 2 * largest + bound + 1));

const twiceLess = scalar((exponent, less) => 2 * exponent - less);

/** The product of matrices over channels. */
const times = (a: Matrices, b: Matrices, { Row, Col, Via }: SquareAxes): Matrices =>
  tensorOf(dot(rename(a, Col, Via), rename(b, Row, Via), Via).node);

/** x + x²/2! + … of small matrices, from the innermost bracket of x(1 + x/2(1 + x/3(…))) on. */
function series(x: Matrices, axes: SquareAxes): Matrices {
  let terms = div(x, TERMS);
  for (let k = TERMS - 1; k > 0; k--) terms = div(add(x, times(x, terms, axes)), k);
  return terms;
}

/** e^(2^n · x) − 1 from e^x − 1, n of each matrix's own, up to `DOUBLINGS`: E(2t) = 2E + E², in units of its own. */
function doubled(start: Matrices, count: PerMatrix, axes: SquareAxes): Exponential {
  let E: Exponential = { share: start, exponent: constant(0) };
  for (let i = 0; i < DOUBLINGS; i++) {
    const active = less(i, count);
    const square = times(E.share, E.share, axes);
    const largest = map(exponentOf, max(max(square, axes.Col), axes.Row));
    const beyond = map(beyondTwice, largest, E.exponent);
    E = {
      share: map(twicePlusSquare, E.share, square, E.exponent, beyond, active),
      exponent: map(unitOfDouble, E.exponent, beyond, active),
    };
  }
  return E;
}

/**
 * The next unit is 2^(2·exponent + this): as large as the largest entry of E², and at least twice the unit before, so
 * that 2E is within it too. Where E hardly grows (N has all but no cycles), E² may be far below 2E.
 */
const beyondTwice = scalar((largest, exponent) => larger(largest, 1 - exponent));

const twicePlusSquare = scalar((share, square, exponent, beyond, active) => (active > 0
  ? timesPowerOfTwo(2 * share, -exponent - beyond) + timesPowerOfTwo(square, -beyond)
  : share));

const unitOfDouble = scalar((exponent, beyond, active) => (active > 0 ? 2 * exponent + beyond : exponent));

/** ln(1 + mean · 2^exponent), times what was not doubled: `mean` is trace(E) / d without its power of two. */
const growth = scalar((mean, exponent, doublings) => {
  const far = exponent * Math.LN2 + log(larger(mean, SMALLEST_MEAN));
  const near = log1p(timesPowerOfTwo(mean, smaller(exponent, FAR)));
  const once = exponent > FAR && mean > 0 ? larger(far, 0) : near;
  return timesLargePowerOfTwo(once, larger(doublings - DOUBLINGS, 0));
});

const SMALLEST_MEAN = 1e-37;
/** From this power of two on, 1 counts for nothing beside it. */
const FAR = 60;

/** 2M ∘ Pᵀ of P = exp(N) / trace(exp N), where exp(N) = 1 + D·E·D⁻¹ with the D that N was balanced by. */
function slopeAt(
  M: Matrices, E: Exponential, trace: PerMatrix, { rows, columns }: Balanced, { Row, Col, Via }: SquareAxes, d: number,
): Matrices {
  const transposed = rename(rename(rename(E.share, Row, Via), Col, Row), Via, Col);
  const unbalanced = map(timesLargePowerOfTwo, transposed, sub(columns, rows));
  const one = map(unit, E.exponent);
  const entries = add(where(equal(iota(Row), iota(Col)), one, 0), unbalanced);
  return map(boundedSlope, M, entries, add(mul(d, one), trace));
}

/** Bounded, for 0 times it is to be 0: by a number that it reaches only where one entry would close huge paths. */
const boundedSlope = scalar((m, entry, trace) => {
  const slope = 2 * m * smaller(entry / larger(trace, 1 / MOST), MOST);
  return smaller(larger(slope, -MOST), MOST);
});

const MOST = 1e30;

const unit = scalar((exponent) => timesPowerOfTwo(1, -exponent));

function sizeOfSquare(Row: Axis, Col: Axis): number {
  if (typeof Row.size === 'number' && Row.size === Col.size) return Row.size;
  throw new RicciError({
    code: 'dsl/not-square',
    message: `logTraceExp: a matrix of ${showAxis(Row)} and ${showAxis(Col)} is not known to be square.`,
    hint: 'Give both axes one size that is a number.',
  });
}
