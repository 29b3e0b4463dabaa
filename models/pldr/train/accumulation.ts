import {
  accumulate, axesOf, div, input, maximum, parameter, where, type AnyTensor, type Node, type Tensor,
} from '../../../dsl/index.ts';

/*
 * Several batches that make one update: the sums of their gradients, each times the number of its targets, are divided by
 * the number of all targets, so that the update is that of a single batch with all their rows. The authors, as most who
 * use PyTorch, take the plain mean of the batches' means; where all have equally many targets, as packed chunks do, that
 * is the same.
 */

/** The weight that is the sum of a parameter's gradients, each times its batch's targets. */
export const sumName = (weight: string): string => `gradient.sum.${weight}`;

export const isSum = (weight: string): boolean => weight.startsWith(sumName(''));

export interface NamedValue {
  readonly name: string;
  readonly value: AnyTensor;
}

const sumsOf = (parameters: readonly NamedValue[]): readonly AnyTensor[] =>
  parameters.map(({ name, value }) => parameter(sumName(name), axesOf(value)));

/**
 * The sums with one more batch's gradients, by name. Reads `isFirst`, which is 1 where the sums begin anew, whatever
 * they held.
 * @param count how many targets the batch has
 */
export function addedGradients(
  parameters: readonly NamedValue[], gradients: readonly AnyTensor[], count: Tensor<never>,
): ReadonlyMap<string, Node> {
  const isFirst = input('isFirst', []);
  const sums = sumsOf(parameters);
  return new Map(parameters.map(({ name }, i) => {
    const total = where(isFirst, 0, sums[i]);
    return [sumName(name), accumulate<string>(total, gradients[i], count).node] as const;
  }));
}

/** The gradient of each parameter in all batches together. Reads `count`, the number of their targets. */
export function meanGradients(parameters: readonly NamedValue[]): readonly AnyTensor[] {
  const count = maximum(input('count', []), 1);
  return sumsOf(parameters).map((sum) => div(sum, count));
}
