import { CommanderError } from 'commander';
import { RicciError } from '../dsl/errors.ts';
import { codeFrame } from './code-frame.ts';
import { EXIT, exitCodeOf, type ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import { OutputClosed } from './output.ts';

/** A command line that parses, but asks for something that cannot be. */
export const usageError = (message: string, hint: string): RicciError =>
  new RicciError({ code: 'cli/usage', message, hint });

/** Says on stderr what went wrong, in a sentence and with its remedy, and returns the exit code. */
export function report(thrown: unknown, io: Io, debug: boolean): ExitCode {
  if (thrown instanceof OutputClosed) return EXIT.ok;
  // Commander has printed its own errors, and help and versions are no errors.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (thrown instanceof RicciError) {
    const frame = thrown.place === undefined ? undefined : codeFrame(thrown.place);
    io.stderr.write(`ricci: ${thrown.message}\n${frame === undefined ? '' : `\n${frame}\n`}`);
    if (debug) io.stderr.write(`\n${thrown.code}\n${stackOf(thrown)}\n`);
    return exitCodeOf(thrown.code);
  }
  io.stderr.write(`ricci: unexpected failure: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  io.stderr.write(debug ? `${stackOf(thrown)}\n` : '  Run the command again with --debug and report its output.\n');
  return EXIT.failure;
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return '';
  const cause = thrown.cause === undefined ? '' : `\ncaused by ${stackOf(thrown.cause) || String(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${cause}`;
}
