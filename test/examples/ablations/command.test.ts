import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parseAblations } from '../../../examples/ablations/config.ts';
import { inOrder, planOf } from '../../../examples/ablations/plan.ts';
import { locatedConfig, modelOf } from '../../../models/pldr/train/index.ts';
import { countParameters } from '../../../models/pldr/index.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const FILE = 'examples/ablations/ablations.json';

/** As `npm run example` runs it. */
function command(...args: readonly string[]) {
  const tsx = new URL('../../../scripts/tsx/register.mjs', import.meta.url).href;
  const { status, stderr } = spawnSync(
    process.execPath, ['--import', tsx, 'examples/ablations/ablations.ts', ...args], { cwd: ROOT, encoding: 'utf8' },
  );
  return { status, stderr };
}

it('says in a sentence what is wrong with its arguments', () => {
  const { status, stderr } = command('--variants', 'learned,nope', '--threads', 'many');
  expect(status).toBe(1);
  expect(stderr).toMatch(/ablations\.json does not describe a comparison:\n {2}- --threads is "many"/);
  expect(stderr).toContain('variants names "nope"');
  expect(stderr).not.toMatch(/^ {4}at /m);
});

it('says that a file which is named is not there', () => {
  const { status, stderr } = command('nowhere.json', '--steps', '2');
  expect(status).toBe(1);
  expect(stderr).toContain('nowhere.json could not be read');
});

it('has a file of its own that describes five variants of one model, and a sweep', async () => {
  const config = parseAblations(JSON.parse(readFileSync(`${ROOT}/${FILE}`, 'utf8')), [], FILE);
  const { model, tokenizer } = await modelOf(locatedConfig(config.recipe, config.base));
  const plan = planOf(config, model);
  expect(plan.runs.map(({ name }) => name)).toEqual(['learned', 'identity', 'random', 'transferred', 'dag']);
  // The recipe itself is a cell.
  expect(inOrder(plan)).toHaveLength(5 + plan.sweep.length - 1);
  expect(tokenizer.tokenizer.size).toBe(model.vocabSize);
  for (const text of config.prompts) {
    expect(tokenizer.tokenizer.encode(text).length).toBeLessThanOrEqual(model.contextLength);
  }
  expect(countParameters(model)).toBe(277_708);
});
