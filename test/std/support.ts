import { expect } from 'vitest';
import type { Dense } from '../../compiler/interpret/dense.ts';
import { interpret, type Environment } from '../../compiler/interpret/interpret.ts';
import type { AnyTensor } from '../../dsl/index.ts';

/** Numbers over named axes, row by row. */
export const dense = (sizes: Readonly<Record<string, number>>, data: ArrayLike<number>): Dense =>
  ({ names: Object.keys(sizes), sizes: Object.values(sizes), data: Float64Array.from(data) });

/** The numbers of tensors, in double precision. */
export const numbersOf = (tensors: readonly AnyTensor[], env: Environment): readonly Float64Array[] =>
  interpret(tensors.map((x) => x.node), env).map((d) => d.data);

/** The only number of each tensor. */
export const scalarsOf = (tensors: readonly AnyTensor[], env: Environment): readonly number[] =>
  numbersOf(tensors, env).map(([x]) => x);

export function expectNear(got: number, expected: number, relative = 1e-12, absolute = 0): void {
  expect(Math.abs(got - expected), `${got} and not ${expected}`)
    .toBeLessThanOrEqual(relative * Math.abs(expected) + absolute);
}
