import { axis, dot, input, parameter } from '../../../dsl/index.ts';
import type { WeightStorage } from '../../../dsl/node.ts';
import type { Kernel } from './kernel.ts';
import { MATRIX, numberAt, sumOf } from './numbers.ts';

/** One row times a square matrix whose rows are read one after the other. */
export function matvec(n: number, storage: WeightStorage): Kernel {
  const [From, To] = [axis('from', n), axis('to', n)];
  return {
    name: `matvec ${n}²`, storage, unit: 'GB/s', flops: 2 * n * n,
    out: dot(input('x', [From]), parameter(MATRIX, [To, From]), From),
    entry: ({ to }) => sumOf(n, (k) => numberAt('x', k) * numberAt(MATRIX, to * n + k)),
  };
}

/** A product of square matrices. */
export function matmul(n: number, storage: WeightStorage): Kernel {
  const [From, To, Row] = [axis('from', n), axis('to', n), axis('row', n)];
  return {
    name: `matmul ${n}³`, storage, unit: 'GFLOP/s', flops: 2 * n ** 3,
    out: dot(input('x', [Row, From]), parameter(MATRIX, [To, From]), From),
    entry: ({ row, to }) => sumOf(n, (k) => numberAt('x', row * n + k) * numberAt(MATRIX, to * n + k)),
  };
}

/** Products of as many pairs of square matrices. */
export function batchedMatmul({ count, n }: { readonly count: number; readonly n: number }): Kernel {
  const [Batch, From, To, Row] = [axis('batch', count), axis('from', n), axis('to', n), axis('row', n)];
  return {
    name: `batched matmul ${count} × ${n}³`, storage: 'f32', unit: 'GFLOP/s', flops: 2 * count * n ** 3,
    out: dot(input('x', [Batch, Row, From]), input('y', [Batch, To, From]), From),
    entry: ({ batch, row, to }) =>
      sumOf(n, (k) => numberAt('x', (batch * n + row) * n + k) * numberAt('y', (batch * n + to) * n + k)),
  };
}
