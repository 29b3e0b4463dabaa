import {
  accumulate, axesOf, input, microBatchWeights, parameter, where, type AnyTensor, type Node,
} from '../../../dsl/index.ts';
import type { Batch } from './data/batch.ts';
import type { TaskGraph } from './task/task-graph.ts';

/*
 * Several batches that make one update: their gradients are added up, each weighed by its share of all targets, so that
 * the update is that of a single batch with all their rows. The authors, as most who use PyTorch, take the plain mean of
 * the batches' means; where all have equally many targets, as packed chunks do, that is the same.
 */

/** The weight that is the sum of a parameter's gradients. */
export const sumName = (weight: string): string => `gradient.sum.${weight}`;

export const isSum = (weight: string): boolean => weight.startsWith(sumName(''));

export interface NamedValue {
  readonly name: string;
  readonly value: AnyTensor;
}

/** What the update is made of: for each parameter the sum of its gradients, over its axes. */
export const gradientSums = (parameters: readonly NamedValue[]): readonly AnyTensor[] =>
  parameters.map(({ name, value }) => parameter(sumName(name), axesOf(value)));

/**
 * The sums with one more batch's gradients, by name. Reads `share`, what the batch counts, and `isFirst`, which is 1
 * where the sums begin anew, whatever they held.
 */
export function addedGradients(
  parameters: readonly NamedValue[], gradients: readonly AnyTensor[],
): ReadonlyMap<string, Node> {
  const [share, isFirst] = [input('share', []), input('isFirst', [])];
  const sums = gradientSums(parameters);
  return new Map(parameters.map(({ name }, i) => {
    const total = where(isFirst, 0, sums[i]);
    return [sumName(name), accumulate<string>(total, gradients[i], share).node] as const;
  }));
}

/** What each batch counts: its share of all targets that count for a task. */
export const sharesOf = (batches: readonly Batch[], task: Pick<TaskGraph, 'counted'>): readonly number[] =>
  microBatchWeights(batches.map((batch) => task.counted(batch)));
