import { axis, dot, input, rename } from '../../../dsl/index.ts';
import type { Kernel } from './kernel.ts';
import { exactly, numberAt } from './numbers.ts';

/** Entries of what is passed through a chain of small kernels. */
const LINK = 16;

const turning = (i: number): number => ((Math.floor(i / LINK) + 1) % LINK === i % LINK ? 1 : 0);

/** So many small kernels, each of which needs the one before: a row is turned by one place in each. */
export function chain(length: number): Kernel {
  const [From, To] = [axis('from', LINK), axis('to', LINK)];
  const turn = input('turn', [To, From]);
  let row = input('x', [From]);
  for (let i = 0; i < length; i++) row = rename(dot(row, turn, From), To, From);
  return {
    name: `${length} small kernels`, storage: 'f32', unit: 'GB/s', flops: 0,
    out: row,
    // Ones beside the diagonal, which turn a row.
    numbers: (tensor, i) => (tensor === 'turn' ? turning(i) : numberAt(tensor, i)),
    entry: ({ from }) => exactly(numberAt('x', (from + length) % LINK)),
  };
}
