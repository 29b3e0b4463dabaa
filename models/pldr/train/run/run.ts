import { openReader } from '../../../../runtime/safetensors/reader.ts';
import type { TrainConfig } from '../config/schema.ts';
import { lockFolder } from '../save/lock.ts';
import { removeLeftovers } from '../save/prune-checkpoints.ts';
import { openTask } from './open-task.ts';
import { samplePrompts } from './sample-texts.ts';
import type { TrainingEnd, TrainingSetup } from './setup.ts';
import { Training } from './training.ts';

export type { TrainingEnd, TrainingEvent, TrainingSetup } from './setup.ts';

/**
 * Trains in a folder: from its newest whole checkpoint where there is one, else from the beginning. Ending is being
 * done with all updates, or being told to stop.
 * @throws RicciError `train/locked`, `train/changed-config`, `train/not-finite`, `pldr/context` where
 * texts are asked for that do not fit the model's, and what reading texts, opening devices and saving throw
 */
export async function runTraining(config: TrainConfig, setup: TrainingSetup): Promise<TrainingEnd> {
  const { folder, tokenizer: { tokenizer }, model } = setup;
  const prompts = samplePrompts(config, { tokenizer, model });
  const lock = await lockFolder(folder);
  const reader = openReader();
  try {
    await removeLeftovers(folder);
    const task = await openTask(config, setup);
    try {
      return await new Training(config, setup, { task, reader, prompts }).run();
    } finally {
      await task.close();
    }
  } finally {
    await reader.close();
    await lock.release();
  }
}
