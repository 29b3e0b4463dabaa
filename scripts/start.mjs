#!/usr/bin/env node
/**
 * Runs Ricci on a machine that may have nothing but Node and npm: installs the packages when they are missing, then
 * does the job. No dependencies, and plain JavaScript, because it runs before anything is there.
 *
 *   node scripts/start.mjs generate "To be"    any command of `ricci`
 *   node scripts/start.mjs --test [ARGS]       the tests, after seeing to a driver and a browser; ARGS go to vitest
 *   node scripts/start.mjs --run FILE [ARGS]   a TypeScript file, such as an example
 *   node scripts/start.mjs --setup             packages and a Vulkan driver, searched for anew
 *
 * RICCI_NO_SETUP=1 leaves out the preparation.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runNode } from './child.mjs';
import { ROOT } from './load.mjs';
import { ensureAdapter } from './setup/adapter.mjs';
import { ensureBrowser } from './setup/browser.mjs';
import { removeDownloads } from './setup/chromium-package.mjs';
import { applyRememberedDriver } from './setup/environment.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { prepare } from './setup/preparation.mjs';
import { say } from './setup/run.mjs';
import { countTests, showCounts } from './test-counts.mjs';

const TSX = new URL('tsx/register.mjs', import.meta.url).href;

const [job = '--help', ...args] = process.argv.slice(2);

try {
  const steps = { ensurePackages: () => ensurePackages(ROOT), ensureAdapter, ensureBrowser, removeDownloads };
  await prepare(job, process.env, steps);
  process.exitCode = await start();
} catch (thrown) {
  say(thrown.message);
  process.exitCode = 1;
}

/** @returns {Promise<number>} the exit code */
async function start() {
  if (job === '--setup') return 0;
  const isCommand = job !== '--test' && job !== '--run';
  if (isCommand) return runNode([join(ROOT, 'bin', 'ricci.mjs'), job, ...args], process.cwd());
  applyRememberedDriver({ load: false }); // a command does this itself, where it uses WebGPU
  return job === '--test' ? runTests() : runNode(['--import', TSX, ...args], process.cwd());
}

/** Runs vitest once and ends with one plain line of counts. */
async function runTests() {
  const vitest = createRequire(import.meta.url).resolve('vitest/package.json');
  const scratch = mkdtempSync(join(tmpdir(), 'ricci-test-'));
  const file = join(scratch, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const code = await runNode([join(dirname(vitest), 'vitest.mjs'), 'run', ...reporters, ...args], ROOT);
    const counts = readCounts(file, code);
    process.stdout.write(`${showCounts(counts)}\n`);
    return code === 0 && counts.failed > 0 ? 1 : code;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function readCounts(file, code) {
  try {
    return countTests(JSON.parse(readFileSync(file, 'utf8')), code);
  } catch {
    say('the test run ended without a report');
    return { passed: 0, failed: 1 };
  }
}
