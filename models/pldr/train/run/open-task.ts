import type { TrainConfig } from '../config/schema.ts';
import { headTask } from '../labelled/head-task.ts';
import { languageTask } from './language.ts';
import type { TrainingSetup } from './setup.ts';
import type { Task } from './task.ts';

/** What a configuration asks for. Throws as `languageTask` and `headTask`. */
export const openTask = (config: TrainConfig, setup: TrainingSetup): Promise<Task> =>
  (config.task === 'language' ? languageTask(config, setup) : headTask(config.task, config, setup));
