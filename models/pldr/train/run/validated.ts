import type { Batch } from '../data/batch.ts';
import type { Measured } from '../measured.ts';
import { RunningMeans, type Means } from './running-means.ts';

/** What is measured batch by batch: a model in training, or one that is evaluated. */
export interface Measurable {
  measure(batch: Batch): Promise<Measured>;
}

/** What a model says of batches, each counted by its targets. */
export async function validated(model: Measurable, batches: AsyncIterable<Batch>): Promise<Means> {
  const means = new RunningMeans();
  for await (const batch of batches) means.add(await model.measure(batch));
  return means.take();
}
