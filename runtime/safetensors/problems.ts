import { RicciError } from '../../dsl/errors.ts';

export interface ProblemList {
  /** Stable code of the one error that carries every problem. */
  readonly code: string;
  /** What was examined, for example `weights.safetensors is not a valid safetensors file`. */
  readonly subject: string;
  /** One clause per problem, each with the actual values. */
  readonly problems: readonly string[];
  readonly hint: string;
}

/** One error that lists every problem of a file, so that a user repairs it in one go. */
export const problemsError = ({ code, subject, problems, hint }: ProblemList): RicciError =>
  new RicciError({ code, message: [`${subject}:`, ...problems.map((problem) => `  - ${problem}`)].join('\n'), hint });
