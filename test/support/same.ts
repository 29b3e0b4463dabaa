import { expect } from 'vitest';
import type { Dense } from '../../compiler/interpret/dense.ts';

/** Equal to the last bit, axes and their order included. */
export function expectSame(got: readonly Dense[], expected: readonly Dense[]): void {
  expect(got.map(plain)).toEqual(expected.map(plain));
}

const plain = (d: Dense) => ({ names: d.names, sizes: d.sizes, data: [...d.data] });

/** The largest difference of two tensors of one shape, relative to the largest number in them. */
export function relativeDifference(got: Dense, expected: Dense): number {
  expect([got.names, got.sizes]).toEqual([expected.names, expected.sizes]);
  const scale = expected.data.reduce((top, v) => Math.max(top, Math.abs(v)), 1e-30);
  return got.data.reduce((top, v, i) => Math.max(top, Math.abs(v - expected.data[i])), 0) / scale;
}
