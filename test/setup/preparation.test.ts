import { expect, it } from 'vitest';
import { prepare } from '../../scripts/setup/preparation.mjs';

function stepsFor(job: string, env: NodeJS.ProcessEnv = {}): readonly string[] {
  const steps: string[] = [];
  prepare(job, env, {
    ensurePackages: () => steps.push('packages'),
    ensureAdapter: ({ again }) => steps.push(again ? 'adapter, again' : 'adapter'),
  });
  return steps;
}

it.each([
  ['generate', ['packages']],
  ['doctor', ['packages']],
  ['devices', ['packages']],
  ['--run', ['packages']],
  ['--help', ['packages']],
  ['--test', ['packages', 'adapter']],
  ['--setup', ['packages', 'adapter, again']],
])('start.mjs %s prepares %j', (job, steps) => {
  expect(stepsFor(job)).toEqual(steps);
});

it.each(['generate', '--test', '--setup'])('start.mjs %s prepares nothing with RICCI_NO_SETUP=1', (job) => {
  expect(stepsFor(job, { RICCI_NO_SETUP: '1' })).toEqual([]);
});
