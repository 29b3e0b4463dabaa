import { RicciError } from '../../../../dsl/errors.ts';
import { openCheckpoint } from '../../checkpoint.ts';
import { entriesOf } from '../../open-program.ts';
import type { TrainConfig } from '../config/schema.ts';
import { Evaluator } from '../evaluator.ts';
import { graphOptions } from './graph-options.ts';
import { openTask } from './open-task.ts';
import type { Means } from './running-means.ts';
import type { TrainingSetup } from './setup.ts';
import { validated } from './validated.ts';

/**
 * What a checkpoint says of the texts, or of the labelled data, that a training of this configuration holds out: as the
 * training's own validation. All of them are read, whatever `validate.batches` says.
 * @param checkpoint its folder
 * @throws RicciError `train/nothing-held-out`; and as `openCheckpoint`, `openTask` and `Evaluator.open`
 */
export async function evaluateCheckpoint(
  checkpoint: string, config: TrainConfig, setup: TrainingSetup,
): Promise<Means> {
  const { device, model, variant } = setup;
  const opened = await openCheckpoint(checkpoint, { variant });
  const task = await openTask(config, setup);
  try {
    const { validation } = task;
    if (validation === undefined) throw nothingHeldOut();
    const options = graphOptions(config, variant, task);
    const evaluator = await Evaluator.open(device, model, options, entriesOf(opened));
    try {
      return await validated(evaluator, validation(Infinity));
    } finally {
      evaluator.close();
    }
  } finally {
    await task.close();
  }
}

const nothingHeldOut = (): RicciError => new RicciError({
  code: 'train/nothing-held-out',
  message: 'This configuration holds nothing out: there is nothing to evaluate by.',
  hint: 'Give data.validation a part of the documents that is not 0, or more documents.',
});
