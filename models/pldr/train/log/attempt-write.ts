import { RicciError } from '../../../../dsl/errors.ts';

/**
 * What `act` gives.
 * @param path of the log that it writes
 * @throws RicciError `log/write-failed` where it throws
 */
export function attemptWrite<Result>(path: string, act: () => Result): Result {
  try {
    return act();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RicciError({
      code: 'log/write-failed',
      message: `${path} cannot be written: ${reason}.`,
      hint: 'Check that its folder exists, that you may write there, and that the disk is not full.',
      cause,
    });
  }
}
