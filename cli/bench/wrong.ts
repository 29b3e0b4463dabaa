import { RicciError } from '../../dsl/errors.ts';

/** What is wrong is not timed. */
export const wrongResult = (message: string): RicciError => new RicciError({
  code: 'bench/wrong',
  message: `${message} Nothing is timed.`,
  hint: 'Run `ricci doctor`, and report this with the name of the device and its driver.',
});
