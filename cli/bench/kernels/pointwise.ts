import { add, axis, exp, input, mul } from '../../../dsl/index.ts';
import { showBytes } from '../../table.ts';
import type { Kernel } from './kernel.ts';
import { exactly, numberAt } from './numbers.ts';

/** Half of each entry: a read and a write. */
export function copy(n: number): Kernel {
  const Entry = axis('entry', n);
  return {
    name: `copy ${showBytes(8 * n)}`, storage: 'f32', unit: 'GB/s', flops: n,
    out: mul(input('x', [Entry]), 0.5),
    entry: ({ entry }) => exactly(numberAt('x', entry) / 2),
  };
}

/** x + y / 2: two reads and a write for each entry. */
export function triad(n: number): Kernel {
  const [Row, Column] = [axis('row', n), axis('column', n)];
  return {
    name: `triad ${n}²`, storage: 'f32', unit: 'GB/s', flops: 2 * n * n,
    out: add(input('x', [Row, Column]), mul(input('y', [Row, Column]), 0.5)),
    entry: ({ row, column }) => exactly(numberAt('x', row * n + column) + numberAt('y', row * n + column) / 2),
  };
}

export function exponential(n: number): Kernel {
  const [Row, Column] = [axis('row', n), axis('column', n)];
  return {
    name: `exp ${n}²`, storage: 'f32', unit: 'GB/s', flops: n * n,
    out: exp(input('x', [Row, Column])),
    entry: ({ row, column }) => exactly(Math.exp(numberAt('x', row * n + column))),
  };
}
