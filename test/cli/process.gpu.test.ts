import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../cli/package-root.ts';
import { temporaryFolder } from '../weights/support.ts';
import { textCheckpoint } from './checkpoints.ts';

/* What only a process of its own can show: signals, and a pipe whose other end is closed. */

const folder = temporaryFolder();

/** Starts the command as a user does; it generates slowly enough to be stopped. */
async function start(device: string): Promise<ChildProcessWithoutNullStreams> {
  const { dir } = await textCheckpoint(folder);
  return ricci(['generate', '--model', dir, '--device', device, '--greedy', '--cache', 'none', '--no-tuned', 'abc']);
}

const ricci = (argv: readonly string[], node: readonly string[] = []): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [...node, join(packageRoot().folder, 'bin', 'ricci.mjs'), ...argv]);

const ended = (child: ChildProcessWithoutNullStreams): Promise<number | null> =>
  new Promise((resolve) => child.on('exit', resolve));

it.each(['webgpu', 'cpu'])('Ctrl-C ends it with what was generated and exit code 130, on %s', async (device) => {
  const child = await start(device);
  const exit = ended(child);
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  // The prompt comes first: its text is out while the first token is still in the making.
  child.stdout.once('data', () => child.kill('SIGINT'));
  expect(await exit).toBe(130);
  expect(stdout).toMatch(/^abc.*\n$/);
});

it('a pipe that is closed ends it without a word', async () => {
  const child = await start('webgpu');
  const exit = ended(child);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout.once('data', () => child.stdout.destroy());
  expect(await exit).toBe(0);
  // Drivers may warn on their own.
  expect(stderr).not.toMatch(/ricci|EPIPE|Error/);
});

describe('where the package webgpu cannot be loaded', () => {
  const hook = `export const resolve = (name, context, next) => {
    if (name === 'webgpu') throw new Error('webgpu is broken');
    return next(name, context);
  };`;
  const url = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
  const broken = ['--import', url(`import { register } from 'node:module'; register(${JSON.stringify(url(hook))});`)];

  async function generated(device: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const { dir } = await textCheckpoint(folder);
    const argv = ['generate', '--model', dir, '--device', device, '--greedy', '--max-new-tokens', '3', '--no-tuned', 'abc'];
    const child = ricci(argv, broken);
    const [out, err]: string[][] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk.toString()));
    return { code: await ended(child), stdout: out.join(''), stderr: err.join('') };
  }

  it.each(['auto', 'cpu'])('%s runs on the CPU', async (device) => {
    expect(await generated(device)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^abc.+\n$/), stderr: '' });
  });

  it('webgpu says so', async () => {
    const { code, stderr } = await generated('webgpu');
    expect(stderr).toMatch(/^ricci: The package "webgpu" could not be loaded on .*: webgpu is broken\n/);
    expect(code).toBe(4);
  });
});
