import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { inOrder, isLearned, isTransferred, planOf, type Run } from '../../../examples/ablations/plan.ts';
import { VARIANTS } from '../../../examples/ablations/variants.ts';
import { trainingBatches, validationBatches } from '../../../models/pldr/train/data/batches.ts';
import { holdOut } from '../../../models/pldr/train/data/hold-out.ts';
import { openCorpus } from '../../../models/pldr/train/data/open-corpus.ts';
import { modelOf, type TrainedModel } from '../../../models/pldr/train/index.ts';
import { errorOf, temporaryFolder } from '../../weights/support.ts';
import { smallConfig, smallJson } from './support.ts';

const folder = temporaryFolder();
const NAMES = Object.keys(VARIANTS);
let json: Readonly<Record<string, unknown>>;
let trained: TrainedModel;

beforeAll(async () => {
  json = await smallJson(folder);
  trained = await modelOf(smallConfig(json, folder).recipe);
});

/** The first batches of a run, and what it is validated on, as its training reads them. */
async function batchesOf({ config, folder: own }: Run, count: number): Promise<unknown> {
  const { batch: rows, context: length, data: { mode, group, shuffle, validation }, seed } = config;
  const tokens = await openCorpus({ ...config.data, tokens: join(folder, 'corpus.tokens') }, trained.tokenizer, own);
  try {
    const held = holdOut(tokens.header.documents, validation);
    const options = { rows, length, mode, group, shuffle };
    const stream = trainingBatches(tokens, held.train, options, { seed, epoch: 0, position: 0 });
    const read: unknown[] = [];
    for (let i = 0; i < count; i++) read.push(await stream.next());
    for await (const one of validationBatches(tokens, held.validation, options, 3)) read.push(one);
    return read;
  } finally {
    await tokens.close();
  }
}

describe('the plan', () => {
  it('has the same batches for all variants', async () => {
    const order = fc.record({
      seed: fc.nat(99), batch: fc.integer({ min: 1, max: 4 }), context: fc.integer({ min: 4, max: 30 }),
      mode: fc.constantFrom('pack', 'pad', 'nopad'), shuffle: fc.constantFrom('chunks', 'documents', 'none'),
    });
    await fc.assert(fc.asyncProperty(order, async ({ seed, batch, context, mode, shuffle }) => {
      const data = { 'data.mode': mode, 'data.shuffle': shuffle };
      const all = { seed, batch, context, ...data, 'sweep.peak': 0.1, 'sweep.warmup': 2 };
      const keys = Object.entries(all).flatMap(([key, value]) => [`--${key}`, String(value)]);
      const runs = inOrder(planOf(smallConfig(json, folder, ...keys), trained.model));
      const [first, ...others] = await Promise.all(runs.map((run) => batchesOf(run, 4)));
      expect(others).toHaveLength(NAMES.length);
      for (const other of others) expect(other).toEqual(first);
    }), { numRuns: 12 });
  });

  it('differs between variants in nothing but what they declare', () => {
    const { runs } = planOf(smallConfig(json, folder), trained.model);
    const learned = runs.find(isLearned) ?? expect.unreachable('nothing learns');
    for (const { name, config, model } of runs) {
      expect({ ...model, customG: null }).toEqual(learned.model);
      const dag = name === 'dag' ? { aLm: 0.05, aP: 0.05, gLm: 0.05 } : { aLm: 0, aP: 0, gLm: 0 };
      expect(config.loss).toEqual({ dag });
      const { from: _, ...begun } = config.model;
      const { from: __, ...same } = learned.config.model;
      expect({ ...config, model: begun, loss: 0 }).toEqual({ ...learned.config, model: same, loss: 0 });
    }
  });

  it('has each run once, in a folder of its own, and the learned one before what it gives its G to', () => {
    const lists = fc.tuple(fc.uniqueArray(fc.constantFrom(0.1, 0.01, 0.001)), fc.uniqueArray(fc.constantFrom(0, 1, 2)))
      .filter(([peaks, warmups]) => peaks.length > 0 === warmups.length > 0);
    fc.assert(fc.property(fc.shuffledSubarray(NAMES, { minLength: 1 }), lists, (variants, [peaks, warmups]) => {
      fc.pre(!variants.includes('transferred') || variants.includes('learned'));
      const sweep = [`--sweep.peak=${JSON.stringify(peaks)}`, `--sweep.warmup=${JSON.stringify(warmups)}`];
      const plan = planOf(smallConfig(json, folder, `--variants=${variants.join()}`, ...sweep), trained.model);
      expect(plan.runs.map(({ name }) => name)).toEqual(variants);
      expect(plan.sweep).toHaveLength(peaks.length * warmups.length);
      const order = inOrder(plan);
      expect(new Set(order.map((run) => run.folder)).size).toBe(order.length);
      // The recipe is a cell of the sweep too, and trained once.
      const isShared = variants.includes('learned') && peaks.includes(0.01) && warmups.includes(1);
      expect(order).toHaveLength(variants.length + plan.sweep.length - (isShared ? 1 : 0));
      for (const { peak, warmup, run } of plan.sweep) expect(run.config.learningRate).toMatchObject({ peak, warmup });
      if (variants.includes('transferred')) {
        expect(order.findIndex(isLearned)).toBeLessThan(order.findIndex(isTransferred));
      }
    }));
  });
});

describe('what cannot be compared is said', () => {
  const cases: readonly (readonly [what: string, keys: readonly string[], message: RegExp])[] = [
    [
      'a variant that does not exist', ['--variants', 'learned,dags'],
      /variants names "dags", and there are learned, identity, .*dag, keys/,
    ],
    ['one variant twice', ['--variants', 'dag,dag'], /variants names one twice/],
    ['none', ['--variants', '[]'], /variants names none/],
    ['one prompt alone', ['--prompts', 'the'], /prompts are 1, and G moves between two or more/],
    ['a transfer from nowhere', ['--variants', 'transferred'], /needs the learned one beside it, or transfer\.from/],
    ['half a sweep', ['--sweep.peak', '1e-3'], /sweep needs both peak and warmup/],
    [
      'a sweep of wrong rates', ['--sweep.peak', '1e-3,-1', '--sweep.warmup', '1'],
      /sweep\.peak is .*expected a list of numbers > 0/,
    ],
    [
      'a warm-up longer than the training', ['--sweep.peak', '1', '--sweep.warmup', '1,9'],
      /sweep\.warmup has 9, and there are only 4 steps/,
    ],
    ['weights to begin with', ['--model.from', 'x'], /model\.from and model\.variant are for each variant to say/],
    [
      'what is wrong with the training, too', ['--stepz', '1', '--variants', 'x'],
      /stepz is unknown[^]*variants names "x"/,
    ],
    ['what no training allows', ['--learningRate.warmup', '9'], /learningRate\.warmup is 9, .* only 4 steps/],
  ];

  it.each(cases)('%s', async (_what, keys, message) => {
    const error = await errorOf(() => smallConfig(json, folder, ...keys));
    expect(error.code).toBe('train/config');
    expect(error.message).toMatch(message);
  });
});
