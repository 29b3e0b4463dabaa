import { RicciError } from '../../../../dsl/errors.ts';
import type { TrainConfig } from '../config/schema.ts';

/** @throws RicciError `train/not-yet` where a training cannot follow its configuration yet */
export function checkSupported({ model }: TrainConfig): void {
  if (model.compute === 'f32') return;
  throw new RicciError({
    code: 'train/not-yet',
    message: `This training cannot be done yet: model.compute is ${model.compute}, and steps are computed in f32.`,
    hint: 'Give model.compute f32, or leave it out.',
  });
}
