import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a Node program with this process's own stdin, stdout and stderr. Ctrl-C reaches it through the terminal; this
 * process then waits for it, so that the shell's prompt comes back after the program's last word and not before.
 * @param {readonly string[]} args @param {string} cwd
 * @returns {Promise<number>} its exit code; 128 + the signal's number when a signal ended it, as a shell would say
 */
export function runNode(args, cwd) {
  const child = spawn(process.execPath, args, { cwd, stdio: 'inherit' });
  const stay = () => {};
  const pass = () => child.kill('SIGTERM');
  process.on('SIGINT', stay).on('SIGTERM', pass);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', stay).off('SIGTERM', pass);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}
