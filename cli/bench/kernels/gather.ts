import { axis, gather, input, parameter } from '../../../dsl/index.ts';
import type { WeightStorage } from '../../../dsl/node.ts';
import { STORED_BYTES } from '../../../compiler/program.ts';
import type { Kernel } from './kernel.ts';
import { exactly, MATRIX, numberAt } from './numbers.ts';
import type { GatherSizes } from './sizes.ts';

/** An index into `size` rows that jumps about. */
const indexAt = (i: number, size: number): number => (i * 7919) % size;

/** Rows of a table, taken by indices that jump about. */
export function gatherRows({ rows, width, taken }: GatherSizes, storage: WeightStorage): Kernel {
  const [Row, Width, Taken] = [axis('row', rows), axis('width', width), axis('taken', taken)];
  return {
    name: `gather ${taken} of ${rows} × ${width}`, storage, unit: 'GB/s', flops: 0,
    bytes: taken * (width * (STORED_BYTES[storage] + 4) + 4),
    out: gather(parameter(MATRIX, [Row, Width]), Row, input('index', [Taken], 'i32')),
    numbers: (tensor, i) => (tensor === 'index' ? indexAt(i, rows) : numberAt(tensor, i)),
    entry: (at) => exactly(numberAt(MATRIX, indexAt(at['taken'], rows) * width + at['width'])),
  };
}
