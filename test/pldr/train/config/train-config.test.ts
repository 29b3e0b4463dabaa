import { mkdtemp, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkUnchanged, configChanges, showChange } from '../../../../models/pldr/train/config/config-changes.ts';
import type { Field } from '../../../../models/pldr/train/config/field.ts';
import { fieldsOf, nest, valueAt } from '../../../../models/pldr/train/config/flatten.ts';
import { loadTrainConfig, locatedConfig, parseTrainConfig } from '../../../../models/pldr/train/config/parse-train-config.ts';
import { TRAIN_SCHEMA } from '../../../../models/pldr/train/config/schema.ts';
import type { TrainConfig } from '../../../../models/pldr/train/config/schema.ts';
import { errorOf, temporaryFolder } from '../../../weights/support.ts';

const folder = temporaryFolder();
const FIELDS = fieldsOf(TRAIN_SCHEMA);
const DEFAULTS = parseTrainConfig({});

const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer({ min: -2, max: 5000 }),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(
    'language', 'question-answering', 'auto', 'jsonl', 'pad', 'hf', 'f16', 'linear', 'norm', 'documents', 'matrices', 'a b',
    'ä,b', '',
  ),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.constantFrom('one', 'two, three', '"'), { maxLength: 3 }),
  fc.constant({}),
);

const valueOf = (path: string, fits: (value: unknown) => boolean) => fc.tuple(fc.constant(path), anything.filter(fits));

/** Values for some of the fields, by path; each of a kind that its field accepts, or does not. */
const valuesWhere = (fits: (field: Field<unknown>, value: unknown) => boolean) =>
  fc
    .subarray([...FIELDS])
    .chain((some) => fc.tuple(...some.map(([path, field]) => valueOf(path, (value) => fits(field, value)))))
    .map((pairs) => new Map<string, unknown>(pairs));

const accepted = valuesWhere((field, value) => field.accepts(value)).filter(isConsistent);
const refused = valuesWhere((field, value) => !field.accepts(value));

/** Whether the values contradict each other, of which no law here is about. */
function isConsistent(values: ReadonlyMap<string, unknown>): boolean {
  const get = (path: string): unknown => values.get(path) ?? valueAt(DEFAULTS, path);
  const falls = get('learningRate.schedule') !== 'constant';
  const rising = !falls || Number(get('learningRate.warmup')) < Number(get('steps'));
  const named = get('model.preset') === null || get('model.config') === null;
  const prompts = get('sample.prompts');
  const prompted = get('sample.every') === 0 || (Array.isArray(prompts) && prompts.length > 0);
  const writes = get('sample.every') === 0 || get('task') === 'language';
  return rising && named && prompted && writes;
}

/** The object that a JSON file would hold. */
function jsonOf(values: ReadonlyMap<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(nest(TRAIN_SCHEMA, (path) => values.get(path))));
}

const asText = (value: unknown): string => (Array.isArray(value) ? JSON.stringify(value) : String(value));

describe('laws', () => {
  it('a configuration is what its JSON says, and defaults', () => {
    fc.assert(
      fc.property(accepted, (values) => {
        const config = parseTrainConfig(jsonOf(values));
        for (const [path, { absent }] of FIELDS) {
          expect(valueAt(config, path)).toEqual(values.has(path) ? values.get(path) : absent);
        }
        expect(parseTrainConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
      }),
    );
  });

  it('every key can be given on a command line instead, and goes before what the JSON says', () => {
    const forms = fc.constantFrom<(path: string, text: string) => readonly string[]>(
      (path, text) => [`--${path}`, text],
      (path, text) => [`--${path}=${text}`],
      (path, text) => [`--${path.replace(/[A-Z]|(?<=beta)[0-9]/g, (letter) => `-${letter.toLowerCase()}`)}=${text}`],
    );
    fc.assert(
      fc.property(accepted, accepted, forms, (values, others, form) => {
        const args = [...values].flatMap(([path, value]) => form(path, asText(value)));
        const both = new Map([...others, ...values]);
        fc.pre(isConsistent(both));
        expect(parseTrainConfig(jsonOf(others), args)).toEqual(parseTrainConfig(jsonOf(both)));
      }),
    );
  });

  it('every wrong value is listed, each with its key', async () => {
    await fc.assert(
      fc.asyncProperty(refused, async (values) => {
        fc.pre(values.size > 0);
        const { code, message } = await errorOf(() => parseTrainConfig(jsonOf(values)));
        expect(code).toBe('train/config');
        expect(message.match(/^ {2}- /gm)).toHaveLength(values.size);
        for (const [path] of values) expect(message).toContain(`- ${path} is `);
      }),
    );
  });

  it('paths in a file count from its folder, those on a command line from the working directory', async () => {
    const name = fc.constantFrom('a', 'b b', '..', 'ä');
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => join(...names));
    const dir = await mkdtemp(join(folder, 'paths-'));
    const file = join(dir, 'run.json');
    const inFile = (one: string): string => resolve(dir, one);
    await fc.assert(
      fc.asyncProperty(path, path, path, fc.boolean(), async (own, given, absolute, hasArgs) => {
        const data = { paths: [own, resolve('/', absolute)], tokenizer: own };
        await writeFile(file, JSON.stringify({ data, model: { from: own } }));
        const args = hasArgs ? ['--data.paths', JSON.stringify([given]), '--model.from', given] : [];
        const config = await loadTrainConfig(file, args);
        // What is kept, and compared when a training goes on, is as the file has it.
        expect(config.data.tokenizer).toBe(own);
        const { data: { paths, tokenizer }, model: { from, preset } } = locatedConfig(config, relative('.', dir));
        expect(resolve(tokenizer ?? '')).toBe(inFile(own));
        expect(paths.map((one) => resolve(one))).toEqual(hasArgs ? [resolve(given)] : [inFile(own), resolve('/', absolute)]);
        expect(resolve(from ?? '')).toBe(hasArgs ? resolve(given) : inFile(own));
        expect(preset).toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  it('the keys that differ are those whose values do', () => {
    fc.assert(
      fc.property(accepted, accepted, (a, b) => {
        const [before, after] = [parseTrainConfig(jsonOf(a)), parseTrainConfig(jsonOf(b))];
        const keys = configChanges(before, after).map(({ key }) => key);
        const differing = [...FIELDS.keys()].filter(
          (path) => JSON.stringify(valueAt(before, path)) !== JSON.stringify(valueAt(after, path)),
        );
        expect(keys).toEqual(differing);
        expect(configChanges(before, before)).toEqual([]);
      }),
    );
  });
});

describe('defaults', () => {
  it("are the authors' recipe", () => {
    expect(DEFAULTS).toMatchObject({
      steps: 250_000,
      context: 1024,
      data: { mode: 'pack', validation: 0.05 },
      optimizer: { beta1: 0.9, beta2: 0.95, epsilon: 1e-5, weightDecay: 0.1, decay: 'all', clip: 'value', clipAt: 1 },
      learningRate: { schedule: 'cosine', final: 0.1 },
      loss: { dag: { aLm: 0, aP: 0, gLm: 0 } },
    });
    expect(DEFAULTS.batch * DEFAULTS.accumulate).toBe(32);
  });
});

describe('errors', () => {
  const problemsOf = async (json: unknown, args: readonly string[] = []): Promise<readonly string[]> => {
    const { message } = await errorOf(() => parseTrainConfig(json, args, 'run.json'));
    return message.split('\n').filter((line) => line.startsWith('  - ')).map((line) => line.slice(4));
  };

  it('name unknown keys, and those that were perhaps meant', async () => {
    expect(await problemsOf({ stpes: 5, warmup: 3, data: { pahts: [], nothing: 1 }, log: 5 })).toEqual([
      'stpes is unknown (did you mean steps?)',
      'warmup is unknown (did you mean learningRate.warmup?)',
      'data.pahts is unknown (did you mean data.paths?)',
      'data.nothing is unknown',
      'log is 5, expected an object with every, csv, jsonl, tensorboard',
    ]);
    expect(await problemsOf([])).toEqual([
      expect.stringContaining('it is [], expected an object with task, seed, steps, batch, accumulate, memory, context, model, data'),
    ]);
  });

  it('of a command line stand together with those of the file', async () => {
    const unknown = ['--stpes', '5', 'stray', '--save', '3'];
    const args = ['--steps', 'many', ...unknown, '--seed=1', '--seed', '2', '--log.csv=no', '--batch'];
    expect(await problemsOf({ context: 1 }, args)).toEqual([
      '--stpes is unknown (did you mean steps?)',
      '"stray" stands where a --key should be',
      '--save is an object; its keys are save.every, save.keep',
      '--seed is given twice',
      '--batch lacks its value, an integer >= 1',
      '--steps is "many", expected an integer >= 1',
      'context is 1, expected an integer >= 2',
      '--log.csv is "no", expected true or false',
    ]);
  });

  it('name what contradicts itself', async () => {
    const model = { preset: 'v51-110M-1', config: 'config.json' };
    const texts = { task: 'question-answering', sample: { every: 10, prompts: ['a'] } };
    expect(await problemsOf(texts)).toEqual(['sample.every asks for texts, and question-answering writes none']);
    expect(await problemsOf({ steps: 100, model, sample: { every: 10 } })).toEqual([
      'learningRate.warmup is 2000, and there are only 100 steps',
      'model.preset and model.config both name a model',
      'sample.every asks for texts without sample.prompts',
    ]);
  });
});

describe('a command line', () => {
  const given = (...args: readonly string[]): TrainConfig => parseTrainConfig({}, args);

  it('has flags without a value, lists between commas, and null', () => {
    expect(given('--log.tensorboard', '--data.paths', 'a.txt,b.txt').log.tensorboard).toBe(true);
    expect(given('--data.paths', 'a.txt,b.txt').data.paths).toEqual(['a.txt', 'b.txt']);
    expect(given('--data.paths', '["a,b.txt"]').data.paths).toEqual(['a,b.txt']);
    expect(parseTrainConfig({ validate: { batches: 3 } }, ['--validate.batches', 'null']).validate.batches).toBeNull();
    expect(given('--learning-rate.peak', '3e-4').learningRate.peak).toBe(3e-4);
  });
});

describe('a file', () => {
  it('is read, and named in errors', async () => {
    const path = join(await mkdtemp(join(folder, 'config-')), 'run.json');
    await writeFile(path, '{"steps":9000}');
    expect((await loadTrainConfig(path, ['--batch', '8'])).steps).toBe(9000);
    const missing = await errorOf(() => loadTrainConfig(`${path}.none`));
    expect([missing.code, missing.hint]).toEqual(['train/missing-file', 'Check the path.']);
    await writeFile(path, '{"steps":');
    expect((await errorOf(() => loadTrainConfig(path))).code).toBe('train/not-json');
    await writeFile(path, '{"steps":0}');
    expect((await errorOf(() => loadTrainConfig(path))).message).toContain(`${path} does not describe a training`);
  });
});

describe('going on with another configuration', () => {
  it('is refused where the weights would be others, with every key', async () => {
    const free = { log: { every: 7 }, data: { tokens: 'x' } };
    const after = parseTrainConfig({ batch: 8, learningRate: { peak: 2e-3 }, ...free });
    const error = await errorOf(() => checkUnchanged(DEFAULTS, after, 'run/step-00000100'));
    expect(error.code).toBe('train/changed-config');
    expect(error.message).toContain('The training of run/step-00000100 was begun with another configuration:');
    expect(error.message).toContain('  - batch was 32 and is 8\n  - learningRate.peak was 0.001 and is 0.002\n');
    expect(error.message).not.toContain('log.every');
    checkUnchanged(DEFAULTS, parseTrainConfig({ ...free, save: { keep: 1 } }), 'run');
  });

  it('takes a key that an earlier program did not know as its default', () => {
    const { seed: _, ...earlier } = DEFAULTS;
    expect(configChanges(earlier, DEFAULTS)).toEqual([]);
    expect(configChanges(earlier, { ...DEFAULTS, seed: 3 }).map(showChange)).toEqual(['seed was 0 and is 3']);
  });
});
