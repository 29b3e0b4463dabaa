import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm, say } from './run.mjs';

/**
 * @typedef {object} PackageFacts
 * @property {number | undefined} installedAt when npm finished installing, in ms; undefined: it never did
 * @property {number | undefined} lockedAt when the lock file changed, in ms; undefined: there is none
 * @property {string | undefined} lockHash @property {string | undefined} stamp the hash of the lock that was installed
 */

/**
 * Whether the installed packages are those of the lock file. The hash decides where Ricci installed them (a checkout
 * touches files without changing them); times decide where the user ran npm.
 * @param {PackageFacts} facts
 */
export function packagesAreCurrent({ installedAt, lockedAt, lockHash, stamp }) {
  if (installedAt === undefined) return false;
  if (lockedAt === undefined || lockHash === undefined) return true;
  return stamp === lockHash || installedAt >= lockedAt;
}

/** Installs the packages of the lock file unless they are there. @param {string} root @throws Error when npm fails */
export function ensurePackages(root) {
  const facts = packageFacts(root);
  if (packagesAreCurrent(facts)) return;
  // `npm ci` refuses a lock file that lacks packages of other platforms, which a lock made elsewhere may; `npm install`
  // takes its versions all the same. Neither writes the lock file.
  const locked = facts.lockHash !== undefined;
  const refused = locked ? install(root, ['ci']) : '';
  const failed = refused === undefined ? undefined : install(root, ['install', '--no-save']);
  if (failed !== undefined) throw new Error(`npm could not install the packages:\n${failed}`);
  if (facts.lockHash !== undefined) writeFileSync(stampFile(root), facts.lockHash);
}

/**
 * Development packages too, whatever NODE_ENV says: running from source needs tsx, and the tests need vitest.
 * @returns {string | undefined} what npm complained of; undefined when it succeeded
 */
function install(root, job) {
  say(`installing packages (npm ${job.join(' ')})`);
  const [command, args] = npm([...job, '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: command.endsWith('.cmd'),
  });
  if (done.status === 0) return undefined;
  return done.error?.message ?? done.stderr.toString('utf8').trim();
}

const stampFile = (root) => join(root, 'node_modules', '.ricci-lock-sha256');

/** @param {string} root @returns {PackageFacts} */
function packageFacts(root) {
  const lock = join(root, 'package-lock.json');
  const lockHash = existsSync(lock) ? createHash('sha256').update(readFileSync(lock)).digest('hex') : undefined;
  const stamp = existsSync(stampFile(root)) ? readFileSync(stampFile(root), 'utf8') : undefined;
  return {
    installedAt: modifiedAt(join(root, 'node_modules', '.package-lock.json')), // npm writes it last
    lockedAt: modifiedAt(lock),
    lockHash,
    stamp,
  };
}

const modifiedAt = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs;
