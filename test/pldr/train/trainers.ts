import { expect } from 'vitest';
import { decaysAll } from '../../../dsl/index.ts';
import type { Batch } from '../../../models/pldr/train/data/batch.ts';
import { momentName, type TrainingGraphOptions } from '../../../models/pldr/train/training-graph.ts';
import { Trainer, type TrainerOptions } from '../../../models/pldr/train/trainer.ts';
import type { Device } from '../../../runtime/device.ts';
import { smallConfig, weightsOf } from '../../../verify/arbitraries/index.ts';

export const CONFIG = smallConfig({ layers: 1 });

/** Parameters, or parameters and moments, by name. */
export type State = ReadonlyMap<string, ArrayLike<number>>;

export const firstWeights = (seed: number): State => weightsOf(CONFIG, seed, 'initial');

export const OPTIONS: Omit<TrainingGraphOptions, 'batch' | 'positions'> = {
  clip: { by: 'value', at: 1 }, betas: [0.9, 0.95], eps: 1e-5, weightDecay: 0.1, decays: decaysAll,
};

/** A trainer of the small model, which resumes where the state has moments. */
export function openTrainer(
  device: Device, state: State, options: Partial<TrainerOptions> & Pick<TrainerOptions, 'batch' | 'positions'>,
): Promise<Trainer> {
  return Trainer.open(device, CONFIG, {
    ...OPTIONS, ...options, resumes: [...state.keys()].some((name) => name.startsWith('adam.')),
    read: async (weight, from, target) => {
      const values = state.get(weight) ?? expect.unreachable(weight);
      target.set(Array.from(target, (_, i) => values[from + i]));
    },
  });
}

/** Parameters and moments, all that a training is apart from its data. */
export async function stateOf(trainer: Trainer): Promise<ReadonlyMap<string, Float32Array>> {
  const names = trainer.trained.flatMap((name) => [name, momentName('m', name), momentName('v', name)]);
  return new Map(await Promise.all(names.map(async (name) => [name, await trainer.read(name)] as const)));
}

/** A batch of these rows of ids, and of targets. */
export const batchOf = (ids: readonly (readonly number[])[], targets: readonly (readonly number[])[]): Batch => ({
  rows: ids.length, positions: ids[0].length, ids: Int32Array.from(ids.flat()), targets: Int32Array.from(targets.flat()),
});
