import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';

/** What `main` hands to every command. */
export interface Context {
  readonly io: Io;
  /** Sets the exit code of a command that ends without an error. */
  exit(code: ExitCode): void;
}
