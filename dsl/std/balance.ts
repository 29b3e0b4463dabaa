import type { Axis } from '../axis.ts';
import { sum } from '../ops/contraction.ts';
import { constant } from '../ops/leaves.ts';
import { add, map, sub } from '../ops/pointwise.ts';
import { rename } from '../ops/views.ts';
import { log, max, round, scalar } from '../scalar/index.ts';
import { tensorOf, type Tensor } from '../tensor.ts';
import { timesPowerOfTwo } from './elementary.ts';

/** Matrices [row, col]; other axes number them. */
export type Matrices = Tensor<'row' | 'col'>;

export interface Balanced {
  /** N_ij · 2^(u_j − u_i) */
  readonly matrices: Matrices;
  /** The whole numbers u [row], and again [col]. */
  readonly rows: Tensor<'row'>;
  readonly columns: Tensor<'col'>;
}

const SWEEPS = 6;

/**
 * D⁻¹ND for matrices without negative entries, where D = diag(2^u) brings each row's sum near its column's. Powers of N
 * are similar, so what is on its diagonal stays, and the row sums come near the spectral radius, which they bound. All
 * rows are scaled at once, by the fourth root of what the two sums differ by: with the square root, which would do for
 * one row alone, a pair of entries would change places for ever. No number is rounded.
 * @see Osborne, "On pre-conditioning of matrices" (1960); Parlett and Reinsch, "Balancing a matrix" (1969)
 */
export function balanced(matrices: Matrices, Row: Axis<'row'>, Col: Axis<'col'>): Balanced {
  let now: Balanced = { matrices, rows: tensorOf(constant(0).node), columns: tensorOf(constant(0).node) };
  for (let i = 0; i < SWEEPS; i++) {
    const sums = sum(now.matrices, Col);
    const by = map(imbalance, sums, rename(sum(now.matrices, Row), Col, Row));
    const across = rename(tensorOf<'row'>(by.node), Row, Col);
    now = {
      matrices: map(timesPowerOfTwo, now.matrices, sub(across, by)),
      rows: add(now.rows, by),
      columns: add(now.columns, across),
    };
  }
  return now;
}

/** Below this a sum counts as this much, so that no row moves without end where its entries lie on no cycle. */
const LEAST = 1e-30;

const imbalance = scalar((row, column) => round((log(max(row, LEAST)) - log(max(column, LEAST))) * (Math.LOG2E / 4)));
