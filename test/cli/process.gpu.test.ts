import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../cli/package-root.ts';
import { temporaryFolder } from '../weights/support.ts';
import { textCheckpoint } from './checkpoints.ts';

/* What only a process of its own can show: signals, and a pipe whose other end is closed. */

const folder = temporaryFolder();

/** Starts the command as a user does; it generates slowly enough to be stopped. */
async function start(): Promise<ChildProcessWithoutNullStreams> {
  const { dir } = await textCheckpoint(folder);
  const argv = ['generate', '--model', dir, '--greedy', '--cache', 'none', 'abc'];
  return spawn(process.execPath, [join(packageRoot().folder, 'bin', 'ricci.mjs'), ...argv]);
}

const ended = (child: ChildProcessWithoutNullStreams): Promise<number | null> =>
  new Promise((resolve) => child.on('exit', resolve));

it('Ctrl-C ends it with what was generated and exit code 130', async () => {
  const child = await start();
  const exit = ended(child);
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  // The prompt comes first: its text is out while the first token is still in the making.
  child.stdout.once('data', () => child.kill('SIGINT'));
  expect(await exit).toBe(130);
  expect(stdout).toMatch(/^abc.*\n$/);
});

it('a pipe that is closed ends it without a word', async () => {
  const child = await start();
  const exit = ended(child);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout.once('data', () => child.stdout.destroy());
  expect(await exit).toBe(0);
  // Drivers may warn on their own.
  expect(stderr).not.toMatch(/ricci|EPIPE|Error/);
});
