import { join } from 'node:path';
import { openSafetensors } from '../../../../runtime/safetensors/open.ts';
import type { TensorReader } from '../../../../runtime/safetensors/reader.ts';
import type { ReadWeight } from '../../../../runtime/weights.ts';
import { openCheckpoint } from '../../checkpoint.ts';
import { locatedConfig } from '../config/parse-train-config.ts';
import type { TrainConfig } from '../config/schema.ts';
import { MOMENTS_FILE } from '../save/training-state.ts';
import { newWeights, storedWeights } from './first-weights.ts';
import type { TrainingSetup } from './setup.ts';
import type { Task } from './task.ts';

/**
 * The weights that a training begins with: of its own checkpoint, moments included; of the model that its configuration
 * names, but for those of the task that begin by chance; or all by chance.
 * @param own the folder of its own checkpoint
 */
export async function beginning(
  config: TrainConfig, { model, variant, base = '' }: TrainingSetup, { shapes, fresh }: Task, reader: TensorReader,
  own: string | undefined,
): Promise<ReadWeight> {
  const { model: { from, init }, seed } = locatedConfig(config, base);
  const folder = own ?? from;
  const drawn = newWeights(model, shapes, init, seed);
  if (folder === null) return drawn;
  const { tensors, heads } = await openCheckpoint(folder, { variant });
  if (own === undefined) {
    const stored = storedWeights(tensors, folder, reader);
    return (name, at, target) => (fresh.has(name) ? drawn : stored)(name, at, target);
  }
  const moments = await openSafetensors(join(own, MOMENTS_FILE));
  return storedWeights(new Map([...tensors, ...heads, ...moments.tensors]), own, reader);
}
