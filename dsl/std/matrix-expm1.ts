import type { Axis } from '../axis.ts';
import { dot, max } from '../ops/contraction.ts';
import { constant } from '../ops/leaves.ts';
import { add, div, less, map } from '../ops/pointwise.ts';
import { rename } from '../ops/views.ts';
import { max as larger, scalar } from '../scalar/index.ts';
import { tensorOf, type Tensor } from '../tensor.ts';
import type { Matrices } from './balance.ts';
import { exponentOf, timesPowerOfTwo } from './elementary.ts';

/** One number for each matrix. */
export type PerMatrix = Tensor<never>;

/** e^N − 1 of each matrix N, as 2^exponent · share. */
export interface Exponential {
  readonly share: Matrices;
  readonly exponent: PerMatrix;
}

export interface SquareAxes {
  readonly Row: Axis<'row'>;
  readonly Col: Axis<'col'>;
  /** What a product of two matrices is summed over. */
  readonly Via: Axis<'via'>;
}

/** Rows of what the series is taken of are to add up to 2^−SMALL at most: its rest is then below 10⁻¹². */
export const SMALL = 4;
const TERMS = 6;

/** How often a matrix is doubled at most, so that rows of N may add up to 2³². */
export const DOUBLINGS = 36;

/**
 * e^(2^n · x) − 1 for small matrices x without negative entries (rows add up to 2^−SMALL), n = `doublings` of each
 * matrix's own and `DOUBLINGS` at most: by the series, then squaring.
 */
export const matrixExpm1 = (x: Matrices, doublings: PerMatrix, axes: SquareAxes): Exponential =>
  doubled(series(x, axes), doublings, axes);

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
