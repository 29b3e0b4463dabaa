import { RicciError } from '../../../../dsl/errors.ts';
import { permutation } from '../data/permutation.ts';

export interface SplitExamples<Example> {
  readonly train: readonly Example[];
  readonly heldOut: readonly Example[];
}

/**
 * Holds examples out for validation: the given part of them rounded down, at least one where the part is not 0. They
 * are drawn by the seed, since labelled data often lie sorted by label; both parts stay in the order of the data.
 * @param part in [0, 1)
 * @throws RicciError `data/too-few-documents` when none is left to train on
 */
export function splitExamples<Example>(
  examples: readonly Example[], part: number, seed: number,
): SplitExamples<Example> {
  const count = part === 0 ? 0 : Math.max(1, Math.floor(examples.length * part));
  if (count >= examples.length) {
    throw new RicciError({
      code: 'data/too-few-documents',
      message: `There ${examples.length === 1 ? 'is 1 example' : `are ${examples.length} examples`
      }, and ${count} would be held out.`,
      hint: 'Give more examples, or hold out nothing (data.validation 0).',
    });
  }
  const drawn = new Set(permutation(examples.length, seed, 'held out').subarray(0, count));
  return { train: examples.filter((_, i) => !drawn.has(i)), heldOut: examples.filter((_, i) => drawn.has(i)) };
}
