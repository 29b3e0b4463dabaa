import { mkdtempSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RicciError } from '../../dsl/errors.ts';
import type { Device } from '../../runtime/device.ts';
import { altered, openTestCpu } from '../support/device.ts';
import { temporaryFolder } from '../weights/support.ts';
import { textCheckpoint, type Checkpoint } from './checkpoints.ts';
import { interruptedAt } from './interrupted.ts';
import { lent, noDevice, ricci, type Run, type World } from './support.ts';

const folder = temporaryFolder();
let cpu: Device;
let checkpoint: Checkpoint;
let file: string;

const TEXT = Array.from({ length: 40 }, (_, i) => `the cat ${i % 7} sat on the mat and sang ${i % 5} songs`).join('\n\n');

beforeAll(async () => {
  cpu = await openTestCpu();
  checkpoint = await textCheckpoint(folder);
  const text = join(folder, 'text.txt');
  await writeFile(text, TEXT);
  file = join(folder, 'train.json');
  await writeFile(file, JSON.stringify({
    steps: 12, batch: 3, context: 14, model: { config: relative(folder, checkpoint.config) },
    data: { paths: ['text.txt'], separator: 'blank-line', validation: 0.1 },
    learningRate: { peak: 0.02, warmup: 2 }, validate: { every: 6 }, save: { every: 5, keep: 2 }, log: { every: 2 },
  }));
});
afterAll(() => cpu.close());

const train = (out: string, keys: readonly string[] = [], world: World = {}): Promise<Run> =>
  ricci(['train', file, ...keys, '--out', out], { ...lent(cpu), ...world });

const fresh = (): string => mkdtempSync(join(folder, 'run-'));
const bytesIn = async (dir: string, names: readonly string[]): Promise<readonly string[]> =>
  Promise.all(names.map((name) => readFile(join(dir, name), 'latin1')));

const END = 'step-00000012';
const STATE = ['model.safetensors', 'training-state.safetensors', 'training-state.json', 'config.json'];

describe('train', () => {
  it('learns, logs, validates and saves; the checkpoint generates', async () => {
    const out = fresh();
    const { code, stderr } = await train(out);
    expect(code).toBe(0);
    const lines = stderr.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^memory [\d.]+ [KM]iB: parameters .*, moments .*, activations .*, batches and results .*$/);
    expect(lines[1]).toMatch(/^\d+ tokens in 40 documents$/);
    expect(lines.at(-1)).toBe(`step 12 is in ${join(out, END)}`);
    expect((await readdir(out)).sort()).toEqual(['corpus.tokens', 'log.csv', 'log.jsonl', 'step-00000010', END]);
    const rows = (await readFile(join(out, 'log.jsonl'), 'utf8')).trimEnd().split('\n')
      .map((line): Record<string, number> => JSON.parse(line));
    expect(rows.map((r) => r['step'])).toEqual([2, 4, 6, 8, 10, 12]);
    expect(rows.at(-1)?.['loss']).toBeLessThan(rows[0]['loss'] - 0.5);
    expect(rows.flatMap((r) => r['validationLoss'] ?? [])).toHaveLength(2);
    const text = await ricci(['generate', '--model', join(out, END), '--greedy', '--max-new-tokens', '3', 'the'], lent(cpu));
    expect(text).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    ['', []],
    [', several batches at once', ['--batch', '1', '--accumulate', '3']],
    [', in half precision', ['--model.compute', 'f16']],
  ])('goes on after Ctrl-C as if it had never stopped, bit for bit%s', async (_, keys) => {
    const [whole, broken] = [fresh(), fresh()];
    await train(whole, keys);
    const first = await train(broken, keys, interruptedAt(6));
    expect(first.code).toBe(130);
    expect(await readdir(broken)).not.toContain(END);
    const second = await train(broken, keys);
    expect(second.code).toBe(0);
    expect(second.stderr).toMatch(/going on after step \d+\n/);
    expect(await bytesIn(join(broken, END), STATE)).toEqual(await bytesIn(join(whole, END), STATE));
  });

  it('shows its part of what the device reaches in products, and weights are the same where nobody knows it', async () => {
    const [known, unknown] = [fresh(), fresh()];
    expect((await train(known)).stderr).toMatch(/^step 4\/12 .* tokens\/s · [\d.]+ % of roof · /m);
    const lacking = altered(cpu, {
      open: (program, buffers) => {
        if (!program.name.startsWith('matmul')) return cpu.open(program, buffers);
        throw new RicciError({ code: 'runtime/needs', message: 'There is no such instruction.' });
      },
    });
    expect((await train(unknown, [], lent(lacking))).stderr).toMatch(/^step 4\/12 .* tokens\/s · – of roof · /m);
    expect(await bytesIn(join(unknown, END), STATE)).toEqual(await bytesIn(join(known, END), STATE));
  });

  it('says which keys differ from those it was begun with', async () => {
    const out = fresh();
    await train(out, ['--steps', '5', '--learningRate.schedule', 'constant']);
    const { code, stderr } = await train(out, ['--learningRate.peak', '0.5']);
    expect(code).toBe(3);
    expect(stderr).toContain('learningRate.peak was 0.02 and is 0.5');
    expect(stderr).toContain('steps was 5 and is 12');
  });

  it('does without a validation where nothing is held out', async () => {
    const out = fresh();
    expect((await train(out, ['--data.validation', '0'])).stderr).not.toMatch(/validation|NaN/);
    expect(await readFile(join(out, 'log.jsonl'), 'utf8')).not.toMatch(/validation|NaN/);
  });

  it('writes texts while it trains, again the same after Ctrl-C, and its weights do not heed them', async () => {
    const [silent, writing] = [fresh(), fresh()];
    await train(silent);
    const keys = [
      '--sample.every', '4', '--sample.prompts', '["the cat", " "]', '--sample.tokens', '3', '--sample.temperature', '0.8',
      '--log.tensorboard',
    ];
    expect((await train(writing, keys, interruptedAt(22))).code).toBe(130);
    const samplesIn = async (dir: string): Promise<readonly { step: number; prompt: string; text: string }[]> =>
      (await readFile(join(dir, 'samples.jsonl'), 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line));
    const early = await samplesIn(writing);
    const { code, stderr } = await train(writing, keys);
    expect(code).toBe(0);
    const samples = await samplesIn(writing);
    expect(samples.map(({ step, prompt }) => [step, prompt])).toEqual(
      [4, 8, 12].flatMap((step) => [[step, 'the cat'], [step, ' ']]),
    );
    expect(samples.slice(0, early.length)).toEqual(early);
    expect(stderr).toContain(`text after step 12:\n  the cat${samples.at(-2)?.text}`.trimEnd());
    const weights = STATE.slice(0, 2);
    expect(await bytesIn(join(writing, END), weights)).toEqual(await bytesIn(join(silent, END), weights));
    const whole = fresh();
    await train(whole, keys);
    expect(await samplesIn(whole)).toEqual(samples);
  });

  it('stops at a loss that is no number, and keeps the last checkpoint', async () => {
    const out = fresh();
    const { code, stderr } = await train(out, [
      '--learningRate.peak', '1e38', '--learningRate.schedule', 'constant', '--learningRate.warmup', '4',
      '--save.every', '1',
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/The loss of step \d+ is (NaN|-?Infinity): /);
    expect((await readdir(out)).some((name) => name.startsWith('step-'))).toBe(true);
  });
});

describe('what cannot be trained is told before a device is opened', () => {
  const cases: readonly (readonly [what: string, keys: readonly string[], code: number, message: RegExp])[] = [
    [
      'unknown and wrong keys, all at once', ['--stepz', '3', '--batch', 'x'], 2,
      /--stepz is unknown \(did you mean steps\?\)[^]*--batch is "x"/,
    ],
    ['no model', ['--model.config', 'null'], 3, /names no model/],
    ['a tokenizer that is not there', ['--data.tokenizer', '/nowhere/tokenizer.model'], 3, /tokenizer\.model/],
    [
      'a text that does not fit the context', ['--sample.every', '2', '--sample.prompts', 'the', '--sample.tokens', '500'],
      2, /500 more are asked for/,
    ],
    [
      'a model whose file is not there, by the folder of the configuration', ['--model.config', 'none.json'],
      3, /none\.json does not exist/,
    ],
    ['a preset that does not exist', ['--model.config', 'null', '--model.preset', 'v99'], 3, /no model called "v99"/],
  ];

  it.each(cases)('%s', async (_what, keys, code, message) => {
    const run = await train(fresh(), keys, noDevice);
    expect(run.code).toBe(code);
    expect(run.stderr).toMatch(message);
  });
});
