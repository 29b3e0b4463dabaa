import { RicciError } from '../../../../dsl/errors.ts';
import type { Trainer, Trained } from '../trainer.ts';

/**
 * Stops a training whose loss is no number.
 * @throws RicciError `train/not-finite` that names the first parameter with an entry that is none
 */
export async function checkFinite({ loss }: Trained, step: number, trainer: Trainer): Promise<void> {
  if (Number.isFinite(loss)) return;
  const broken = await firstBroken(trainer);
  throw new RicciError({
    code: 'train/not-finite',
    message: `The loss of step ${step} is ${loss}: ${broken === undefined
      ? 'all parameters are finite, so that it became so on the way from them.'
      : `"${broken}" has an entry that is no finite number.`}`,
    hint: 'Go on from the last checkpoint, which is whole, with a lower learning rate or a longer warm-up.',
  });
}

async function firstBroken(trainer: Trainer): Promise<string | undefined> {
  for (const name of trainer.trained) {
    if (!(await trainer.read(name)).every(Number.isFinite)) return name;
  }
  return undefined;
}
