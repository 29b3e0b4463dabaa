import { mkdtempSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../runtime/device.ts';
import { openTestCpu } from '../support/device.ts';
import { temporaryFolder } from '../weights/support.ts';
import { textCheckpoint } from './checkpoints.ts';
import { lent, noDevice, ricci } from './support.ts';

const folder = temporaryFolder();
let cpu: Device;
let file: string;

beforeAll(async () => {
  cpu = await openTestCpu();
  const { config } = await textCheckpoint(folder);
  const lines = Array.from({ length: 40 }, (_, i) => `the cat ${i % 7} sat on the mat and sang ${i % 5} songs`);
  await writeFile(join(folder, 'text.txt'), lines.join('\n\n'));
  file = join(folder, 'train.json');
  await writeFile(file, JSON.stringify({
    steps: 6, batch: 3, context: 14, model: { config: relative(folder, config) },
    data: { paths: ['text.txt'], separator: 'blank-line', validation: 0.2 },
    learningRate: { peak: 0.02, warmup: 2 }, validate: { every: 3 }, save: { every: 3 }, log: { every: 3 },
  }));
});
afterAll(() => cpu.close());

const fresh = (): string => mkdtempSync(join(folder, 'run-'));

describe('evaluate', () => {
  it('law: says of each checkpoint of a training what the training said of it', async () => {
    const out = fresh();
    await ricci(['train', file, '--out', out], lent(cpu));
    const rows = (await readFile(join(out, 'log.jsonl'), 'utf8')).trimEnd().split('\n')
      .map((line): Record<string, number> => JSON.parse(line));
    for (const step of [3, 6]) {
      const model = join(out, `step-0000000${step}`);
      const { code, stdout } = await ricci(['evaluate', file, '--model', model, '--json'], lent(cpu));
      expect(code).toBe(0);
      const row = rows.find((r) => r['step'] === step) ?? {};
      const { loss, accuracy, perplexity, targets } = JSON.parse(stdout);
      expect({ loss, accuracy }).toEqual({ loss: row['validationLoss'], accuracy: row['validationAccuracy'] });
      expect(perplexity).toBe(Math.exp(loss));
      expect(targets).toBeGreaterThan(0);
    }
  });

  it('says so where nothing is held out, and what is wrong with a configuration before a device is opened', async () => {
    const nothing = await ricci(['evaluate', file, '--data.validation', '0'], lent(cpu));
    expect(nothing).toMatchObject({ code: 3, stdout: '' });
    expect(nothing.stderr).toMatch(/holds nothing out/);
    const wrong = await ricci(['evaluate', file, '--stepps', '3'], noDevice);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/stepps/);
  });
});

describe('the checkpoint that comes with Ricci', () => {
  const loss = async (...model: readonly string[]): Promise<number> => {
    const { stdout } = await ricci(['evaluate', 'examples/training/shakespeare.json', ...model, '--json'], lent(cpu));
    return JSON.parse(stdout).loss;
  };

  it('has the held-out loss of its card, less than that of the one trained with the authors\' modules', async () => {
    expect(await loss()).toBeCloseTo(3.9114, 3);
    expect(await loss('--model', 'checkpoints/pldr-v51-shakespeare')).toBeCloseTo(4.0075, 3);
  });
});
