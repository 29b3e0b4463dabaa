import { join } from 'node:path';
import { parameterShapes } from '../../parameters.ts';
import { weightsRead } from '../../weights-read.ts';
import { locatedConfig } from '../config/parse-train-config.ts';
import type { TrainConfig } from '../config/schema.ts';
import { trainingBatches, validationBatches, type BatchOptions } from '../data/batches.ts';
import { holdOut } from '../data/hold-out.ts';
import { openCorpus } from '../data/open-corpus.ts';
import { languageShape } from './graph-options.ts';
import type { TrainingSetup } from './setup.ts';
import type { Task } from './task.ts';

/** To say the next token of texts, which are tokenised into a file in the training's folder. Throws as `openCorpus`. */
export async function languageTask(config: TrainConfig, setup: TrainingSetup): Promise<Task> {
  const { folder, model, tokenizer, variant, tell, base = '' } = setup;
  const tokens = await openCorpus(locatedConfig(config, base).data, tokenizer, join(folder, 'corpus.tokens'),
    (progress) => tell({ kind: 'tokenising', progress }));
  const { batch: rows, context: length, data: { mode, group, shuffle } } = config;
  const options: BatchOptions = { rows, length, mode, group, shuffle };
  const close = (): Promise<void> => tokens.close();
  try {
    const { train, validation } = holdOut(tokens.header.documents, config.data.validation);
    return {
      ...languageShape(config),
      shapes: variant === undefined ? parameterShapes(model) : weightsRead(model, variant),
      fresh: new Set(),
      described: {},
      documents: tokens.header.documents,
      tokens: tokens.header.tokens,
      batches: (start) => trainingBatches(tokens, train, options, start),
      validation: validation.to === validation.from
        ? undefined : (most) => validationBatches(tokens, validation, options, most),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
