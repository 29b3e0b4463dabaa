import { axis, input, map, traced } from '../../../dsl/index.ts';
import type { Kernel } from './kernel.ts';
import { numberAt } from './numbers.ts';

/** Values that grow beside each other, so that none waits for another one, … */
const CHAINS = 8;
/** … and how often each is multiplied and added to. */
const STEPS = 32;

const FLOPS_PER_ENTRY = CHAINS * STEPS * 2 + CHAINS - 1;

/** Horner's rule on several values that start differently; written so that no pass finds two of them equal. */
const horner = traced(2, (x, y) => {
  const values = Array.from({ length: CHAINS }, (_, c) => x.add(c / CHAINS));
  for (let step = 0; step < STEPS; step++) {
    for (let c = 0; c < CHAINS; c++) values[c] = values[c].mul(x).add(y);
  }
  return values.reduce((a, b) => a.add(b));
}, 'horner');

/** Many products and sums for each entry that is read: all but nothing besides arithmetic. */
export function multiplyAdd(n: number): Kernel {
  const Entry = axis('entry', n);
  return {
    name: 'multiply and add', storage: 'f32', unit: 'GFLOP/s', flops: FLOPS_PER_ENTRY * n,
    out: map(horner, input('x', [Entry]), input('y', [Entry])),
    entry: ({ entry }) => ({ value: horner(numberAt('x', entry), numberAt('y', entry)), size: CHAINS }),
  };
}
