import { expect, it } from 'vitest';
import { prepare, type Steps } from '../../scripts/setup/preparation.mjs';

async function stepsFor(job: string, env: NodeJS.ProcessEnv = {}, changes: Partial<Steps> = {}): Promise<string[]> {
  const steps: string[] = [];
  const step = (name: string): void => void steps.push(name);
  await prepare(job, env, {
    ensurePackages: () => step('packages'),
    ensureAdapter: ({ again }) => step(again ? 'adapter, again' : 'adapter'),
    ensureBrowser: () => Promise.resolve(step('browser')),
    removeDownloads: () => step('clean'),
    ...changes,
  }).catch(() => step('failed'));
  return steps;
}

it.each([
  ['generate', ['packages']],
  ['doctor', ['packages']],
  ['devices', ['packages']],
  ['--run', ['packages']],
  ['--help', ['packages']],
  ['--test', ['packages', 'adapter', 'browser', 'clean']],
  ['--setup', ['packages', 'adapter, again', 'clean']],
])('start.mjs %s prepares %j', async (job, steps) => {
  expect(await stepsFor(job)).toEqual(steps);
});

it.each(['generate', '--test', '--setup'])('start.mjs %s prepares nothing with RICCI_NO_SETUP=1', async (job) => {
  expect(await stepsFor(job, { RICCI_NO_SETUP: '1' })).toEqual([]);
});

it('what was downloaded goes where a step fails, too', async () => {
  const ensureBrowser = (): Promise<void> => Promise.reject(new Error('no browser'));
  expect(await stepsFor('--test', {}, { ensureBrowser })).toEqual(['packages', 'adapter', 'clean', 'failed']);
});
