import { spawnSync } from 'node:child_process';

/** Setup speaks on stderr: stdout belongs to the job. @param {string} line */
export const say = (line) => process.stderr.write(`ricci: ${line}\n`);

/**
 * Runs a program to its end.
 * @param {string} command @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, input?: Uint8Array, timeout?: number }} [options]
 * @returns {string} what it wrote to stdout
 * @throws Error with the telling line of its stderr when it cannot start, fails or exceeds `timeout` milliseconds
 */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { maxBuffer: 1 << 28, ...options });
  if (done.error !== undefined) throw new Error(`${command}: ${done.error.message}`);
  if (done.status === 0) return done.stdout.toString('utf8');
  const lines = done.stderr.toString('utf8').trim().split('\n');
  const complaint = lines.find((line) => /^E: |\berror\b/i.test(line)) ?? lines.at(-1);
  throw new Error(`${command} ${done.signal ?? `exited with ${done.status}`}${complaint ? `: ${complaint}` : ''}`);
}

/**
 * Runs npm, by the copy that runs this script where there is one: `npm` need not be on the path then, and on Windows it
 * is a batch file. @param {readonly string[]} args @returns {[string, string[]]} a program and its arguments
 */
export function npm(args) {
  const cli = process.env.npm_execpath;
  if (cli !== undefined && /npm-cli\.c?js$/.test(cli)) return [process.execPath, [cli, ...args]];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', [...args]];
}
