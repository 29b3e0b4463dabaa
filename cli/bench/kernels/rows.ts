import { axis, input, layerNorm, softmax, sum } from '../../../dsl/index.ts';
import type { Kernel } from './kernel.ts';
import { exactly, numberAt, sumOf } from './numbers.ts';

/** The sum of each row. */
export function rowSum(n: number): Kernel {
  const [Row, Column] = [axis('row', n), axis('column', n)];
  return {
    name: `row sum ${n}²`, storage: 'f32', unit: 'GB/s', flops: n * n,
    out: sum(input('x', [Row, Column]), Column),
    entry: ({ row }) => sumOf(n, (k) => numberAt('x', row * n + k)),
  };
}

export function rowSoftmax(n: number): Kernel {
  const [Row, Column] = [axis('row', n), axis('column', n)];
  return {
    name: `softmax ${n}²`, storage: 'f32', unit: 'GB/s', flops: 4 * n * n,
    out: softmax(input('x', [Row, Column]), Column),
    entry: ({ row, column }) =>
      exactly(Math.exp(numberAt('x', row * n + column)) / sumOf(n, (k) => Math.exp(numberAt('x', row * n + k))).value),
  };
}

const EPSILON = 1e-6;

export function rowLayerNorm(n: number): Kernel {
  const [Row, Column] = [axis('row', n), axis('column', n)];
  const [gain, bias] = [input('gain', [Column]), input('bias', [Column])];
  return {
    name: `layer norm ${n}²`, storage: 'f32', unit: 'GB/s', flops: 8 * n * n,
    out: layerNorm(input('x', [Row, Column]), Column, gain, bias, EPSILON),
    entry: ({ row, column }) => {
      const x = (k: number): number => numberAt('x', row * n + k);
      const mean = sumOf(n, x).value / n;
      const variance = sumOf(n, (k) => (x(k) - mean) ** 2).value / n;
      const scaled = ((x(column) - mean) / Math.sqrt(variance + EPSILON)) * numberAt('gain', column);
      return { value: scaled + numberAt('bias', column), size: 1 };
    },
  };
}
