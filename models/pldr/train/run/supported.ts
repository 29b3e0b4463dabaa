import { RicciError } from '../../../../dsl/errors.ts';
import type { TrainConfig } from '../config/schema.ts';

/** @throws RicciError `train/not-yet` that lists every key whose value a training cannot follow yet */
export function checkSupported({ accumulate, model }: TrainConfig): void {
  const problems = [
    ...(accumulate === 1 ? []
      : [`accumulate is ${accumulate}: batches are not accumulated yet, so give it 1 and a larger batch`]),
    ...(model.compute === 'f32' ? [] : [`model.compute is ${model.compute}: steps are computed in f32`]),
  ];
  if (problems.length === 0) return;
  throw new RicciError({
    code: 'train/not-yet',
    message: `This training cannot be done yet: ${problems.join('; ')}.`,
    hint: 'Change these keys.',
  });
}
