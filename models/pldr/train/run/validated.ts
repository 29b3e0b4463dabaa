import type { Batch } from '../data/batch.ts';
import type { Trainer } from '../trainer.ts';
import { RunningMeans, type Means } from './running-means.ts';

/** What a model says of batches, each counted by its targets. */
export async function validated(trainer: Trainer, batches: AsyncIterable<Batch>): Promise<Means> {
  const means = new RunningMeans();
  for await (const batch of batches) means.add(await trainer.measure(batch));
  return means.take();
}
