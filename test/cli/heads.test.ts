import { mkdtempSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../runtime/device.ts';
import { openTestCpu } from '../support/device.ts';
import { temporaryFolder } from '../weights/support.ts';
import { textCheckpoint, type Checkpoint } from './checkpoints.ts';
import { interruptedAt } from './interrupted.ts';
import { lent, noDevice, ricci, type Run, type World } from './support.ts';

const folder = temporaryFolder();
let cpu: Device;
let checkpoint: Checkpoint;

beforeAll(async () => {
  cpu = await openTestCpu();
  checkpoint = await textCheckpoint(folder);
});
afterAll(() => cpu.close());

type Lines = readonly unknown[];

/** Texts of the first letters are of one label, and of the last of the other; the letter says it everywhere. */
const LETTERS = ['a', 'b', 'x', 'y'];
const KIND = (letter: string): string => (letter < 'm' ? 'early' : 'late');
const each = <T>(make: (letter: string, other: string) => T): readonly T[] =>
  LETTERS.flatMap((letter) => LETTERS.map((other) => make(letter, other)));

const TASKS = {
  'sequence-classification': each((l, o) => ({ text: `${o}${l}${l} ${l}`, label: KIND(l) })),
  // At its first token, which is a space here, a decoder has read nothing of a word: what it can know is the one before.
  'token-classification': each((l, o) => ({ tokens: [l, `${o}${o}`, l], labels: ['early', KIND(l), KIND(o)] })),
  'question-answering': each((l, o) => ({ question: 'q', context: `${l.repeat(2)} 7 ${o}`, answer: '7' })),
} as const;
type TaskName = keyof typeof TASKS;

/** Trains a head, in the configuration's own folder where none is given. */
async function train(
  task: TaskName, out: string, { lines = TASKS[task], keys = [], world = {} }:
  { readonly lines?: Lines; readonly keys?: readonly string[]; readonly world?: World } = {},
): Promise<Run> {
  const data = join(out, '..', `${task}.jsonl`);
  await writeFile(data, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const config = join(out, '..', 'train.json');
  await writeFile(config, JSON.stringify({
    task, steps: 60, batch: 8, context: 12, model: { from: checkpoint.dir }, data: { paths: [data], validation: 0 },
    learningRate: { peak: 0.02, warmup: 4 }, save: { every: 20, keep: 1 }, log: { every: 10 },
  }));
  return ricci(['train', config, ...keys, '--out', out], { ...lent(cpu), ...world });
}

const fresh = (): string => join(mkdtempSync(join(folder, 'head-')), 'run');
const END = 'step-00000060';

async function lastRow(out: string): Promise<Readonly<Record<string, number>>> {
  const rows = (await readFile(join(out, 'log.jsonl'), 'utf8')).trimEnd().split('\n');
  const row: Readonly<Record<string, number>> = JSON.parse(rows.at(-1) ?? '{}');
  return row;
}

const classify = (out: string, ...args: readonly string[]): Promise<Run> =>
  ricci(['classify', '--model', join(out, END), ...args], lent(cpu));

describe('a head', () => {
  it('of texts learns what can be told apart, and says so; it is what PyTorch code reads', async () => {
    const out = fresh();
    const { code, stderr } = await train('sequence-classification', out);
    expect(code).toBe(0);
    expect(stderr.split('\n')[0]).toBe('16 examples (early 8, late 8)');
    expect((await lastRow(out))['accuracy']).toBe(1);
    const config: unknown = JSON.parse(await readFile(join(out, END, 'config.json'), 'utf8'));
    expect(config).toMatchObject({
      architectures: ['PldrllmForSequenceClassification'], num_labels: 2, id2label: { 0: 'early', 1: 'late' },
      label2id: { early: 0, late: 1 }, problem_type: 'single_label_classification', model_type: 'pldrllm',
    });
    expect(await classify(out, 'abb b')).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^early [01]\.\d{3}\n$/) });
    const { stdout } = await classify(out, '--json', 'ayy y');
    expect(JSON.parse(stdout)).toMatchObject({ label: 'late', probabilities: { late: JSON.parse(stdout).probability } });
    const lines = await ricci(['classify', '--model', join(out, END), '--jsonl'],
      { ...lent(cpu), stdin: '{"text": "bbb b"}\n{"text": "byy y"}\n' });
    expect(lines.stdout.trimEnd().split('\n').map((line) => JSON.parse(line).label)).toEqual(['early', 'late']);
  });

  it('of words labels each', async () => {
    const out = fresh();
    expect((await train('token-classification', out)).code).toBe(0);
    expect((await lastRow(out))['accuracy']).toBe(1);
    const { stdout } = await classify(out, 'a yy a');
    expect(stdout).toMatch(/^a\tearly [01]\.\d+\nyy\tearly [01]\.\d+\na\tlate [01]\.\d+\n$/);
    const cut = await classify(out, 'a '.repeat(60));
    expect(cut.stdout).toContain('a\t–\n');
    expect(cut.stderr).toMatch(/^ricci: only the first \d+ tokens were read\n$/);
  });

  it('of answers finds them', async () => {
    const out = fresh();
    expect((await train('question-answering', out)).code).toBe(0);
    expect((await lastRow(out))['accuracy']).toBe(1);
    const { stdout } = await classify(out, '--json', '--question', 'q', '--context', 'bb 7 x');
    expect(JSON.parse(stdout)).toMatchObject({ answer: '7', start: 3, end: 4, cut: false });
  });

  it('goes on after Ctrl-C as if it had never stopped, bit for bit', async () => {
    const [whole, broken] = [fresh(), fresh()];
    const keys = ['--steps', '12', '--data.validation', '0.2', '--validate.every', '6', '--seed', '3'];
    await train('sequence-classification', whole, { keys });
    expect((await train('sequence-classification', broken, { keys, world: interruptedAt(4) })).code).toBe(130);
    expect((await train('sequence-classification', broken, { keys })).stderr).toMatch(/going on after step \d+\n/);
    for (const name of ['model.safetensors', 'training-state.safetensors', 'config.json']) {
      const [a, b] = [whole, broken].map((out) => join(out, 'step-00000012', name));
      expect(await readFile(b, 'latin1')).toBe(await readFile(a, 'latin1'));
    }
  });

  it('does not go on with a label that it has never seen', async () => {
    const out = fresh();
    await train('sequence-classification', out, { keys: ['--steps', '5'] });
    const lines = [...TASKS['sequence-classification'], { text: 'm', label: 'middle' }];
    const { code, stderr } = await train('sequence-classification', out, { keys: ['--steps', '5'], lines });
    expect(code).toBe(3);
    expect(stderr).toContain('was begun with the labels "early", "late"; it has never seen "middle"');
  });
});

describe('what cannot be learned is refused', () => {
  interface Wrong { readonly what: string; readonly lines: Lines; readonly message: RegExp; readonly keys?: readonly string[] }
  const wrong: readonly Wrong[] = [
    { what: 'a missing label', lines: [{ text: 'a', label: 'x' }, { text: 'b' }], message: /\.jsonl:2: "label" is missing/ },
    { what: 'an empty file', lines: [], message: /There is no example in .*sequence-classification\.jsonl/ },
    {
      what: 'one label alone', lines: [{ text: 'a', label: 'x' }, { text: 'b', label: 'x' }],
      message: /All examples have the label "x"/,
    },
    {
      what: 'a label that is held out alone', lines: [{ text: 'a', label: 'x' }, { text: 'b', label: 'y' }],
      message: /Of "[xy]" \(.*jsonl:[12]\) the training would see no example/, keys: ['--data.validation', '0.5'],
    },
  ];
  it.each(wrong)('$what', async ({ lines, message, keys = [] }) => {
    const { code, stderr } = await train('sequence-classification', fresh(), { lines, keys });
    expect(code).toBe(3);
    expect(stderr).toMatch(message);
  });

  it('an unknown task', async () => {
    const { code, stderr } = await train('sequence-classification', fresh(), { keys: ['--task', 'chess'] });
    expect(code).toBe(2);
    expect(stderr).toMatch(/task is "chess", expected one of "language", "sequence-classification"/);
  });

  it('plain text', async () => {
    const text = join(folder, 'labels.txt');
    await writeFile(text, 'a b c');
    const { code, stderr } = await train('sequence-classification', fresh(), { keys: ['--data.paths', text] });
    expect(code).toBe(3);
    expect(stderr).toContain('labels.txt is plain text');
  });
});

describe('classify', () => {
  it('refuses what its head does not answer', async () => {
    const out = fresh();
    await train('question-answering', out, { keys: ['--steps', '5'] });
    const dir = join(out, 'step-00000005');
    const asked: readonly (readonly [args: readonly string[], code: number, message: RegExp])[] = [
      [['a'], 2, /This model answers questions/],
      [['--question', 'q', '--context', ' '], 3, /There is no context in which the answer could stand/],
      [['--question', 'q'.repeat(200), '--context', 'a'], 3, /The question leaves no room for its context/],
    ];
    for (const [args, code, message] of asked) {
      const run = await ricci(['classify', '--model', dir, ...args], lent(cpu));
      expect(run.code).toBe(code);
      expect(run.stderr).toMatch(message);
    }
    const lines = await ricci(['classify', '--model', dir, '--jsonl'], { ...lent(cpu), stdin: '{"question": "q"}\n' });
    expect(lines).toMatchObject({ code: 3, stderr: expect.stringContaining('Line 1 of the input: it has no "context".') });
  });

  it('refuses a checkpoint without a head, before a device is opened', async () => {
    const { code, stderr } = await ricci(['classify', '--model', checkpoint.dir, 'a'], noDevice);
    expect(code).toBe(3);
    expect(stderr).toMatch(/has no head that classifies[^]*ricci train/);
  });
});
