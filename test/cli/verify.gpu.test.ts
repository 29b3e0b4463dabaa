import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../runtime/device.ts';
import { LAWS, type VerifyReport } from '../../verify/index.ts';
import type { StorageCost } from '../../verify/storages/storage-costs.ts';
import { openSafetensors, withReader, writeSafetensors, type WritableTensor } from '../../runtime/safetensors/index.ts';
import { caseFolder } from '../pldr/fixtures.ts';
import { altered, openTestCpu } from '../support/device.ts';
import { temporaryFolder } from '../weights/support.ts';
import { textCheckpoint, type Checkpoint } from './checkpoints.ts';
import { lent, noDevice, ricci, type Run, type World } from './support.ts';

const folder = temporaryFolder();
let cpu: Device;
let checkpoint: Checkpoint;

beforeAll(async () => {
  cpu = await openTestCpu();
  checkpoint = await textCheckpoint(folder, 'v51-small');
});
afterAll(() => cpu.close());

const TEXTS = ['--prompt', 'abcabc', '--prompt', 'cab', '--steps', '4'];

const verify = (argv: readonly string[], world: World = {}): Promise<Run> =>
  ricci(['verify', '--model', checkpoint.dir, ...argv], { ...lent(cpu), ...world });

/** A device that gives the first number of all that is read as another one. */
const faulty = (device: Device): World => ({
  openDevice: () => Promise.resolve(altered(device, {
    close: () => undefined,
    read: async (buffer, ranges) => {
      const bytes = await device.read(buffer, ranges);
      new Float32Array(bytes)[0] += 0.01;
      return bytes;
    },
  })),
});

describe('verify', () => {
  it('prints a line for each law, and what was measured', async () => {
    const { code, stdout, stderr } = await verify([...TEXTS, '--storages']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^ {2}✓ /gm)).toHaveLength(LAWS.length);
    expect(stdout).toMatch(/^ +weights +bytes .+ perplexity\n {2}f32 .+\n {2}bf16 .+\n {2}f16 .+\n {2}int8 .+$/m);
    expect(stdout).toMatch(/^ +A +A_LM +A_P +G_LM$/m);
    expect(stdout).toMatch(/^ {2}two prompts, untrained +[\d.e+-]+ %/m);
    expect(stdout).toMatch(/^Order parameter\n(.+\n)+ {2}two runs( +[\d.e-]+){4}\n/m);
    expect(stdout).toMatch(/^DAG loss\n(.+\n)+ {2}trained( +[\d.e-]+){3}\n {2}untrained( +[\d.e-]+){3}\n/m);
    expect(stdout).toMatch(/greedy texts (part at token \d|are the same for all 4 tokens)/);
  });

  it('prints the same as one object', async () => {
    const { code, stdout, stderr } = await verify([...TEXTS, '--json', '--storages']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { storages, ...report }: VerifyReport & { readonly storages: readonly StorageCost[] } = JSON.parse(stdout);
    expect(storages.map((c) => c.storage)).toEqual(['f32', 'bf16', 'f16', 'int8']);
    expect(report).toMatchObject({ format: 1, device: cpu.name, lawTexts: { steps: 4 } });
    expect(report.laws.map((l) => l.holds)).toEqual(report.laws.map(() => true));
    const { over, orderParameter, initial } = report.invariance ?? expect.fail('nothing measured');
    expect(over.steps).toHaveLength(4);
    expect(orderParameter?.tokens).toBe(4);
    expect(initial.orderParameter?.cached.G_LM.normalised).toBeGreaterThan(0);
    const heads = report.operators.flatMap((layer) => layer.A_P?.dagLoss ?? []);
    expect(report.dagLoss.A_P).toBeCloseTo(heads.reduce((sum, v) => sum + v, 0) / heads.length, 12);
    expect(initial.dagLoss.A_P).toBeGreaterThan(0);
  });

  it('writes a page that needs nothing else', async () => {
    const file = join(folder, 'report.html');
    const { code } = await verify([...TEXTS, '--html', file]);
    expect(code).toBe(0);
    const page = await readFile(file, 'utf8');
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toMatch(/G moves by [\d.e+-]+\u00a0% to [\d.e+-]+\u00a0%/);
    expect(page).not.toMatch(/<script|<link(?! rel="icon" href="data:,")|(src|href)="(?!data:)|NaN|undefined/);
    expect(page.match(/<h2>/g)).toHaveLength(9);
    expect(page.match(/>holds</g)).toHaveLength(LAWS.length);
    expect(page.match(/<svg /g)?.length).toBeGreaterThan(8);
  });

  it('says that a page cannot be written', async () => {
    const { code, stderr } = await verify([...TEXTS, '--html', join(folder, 'no', 'such', 'folder.html')]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/folder\.html could not be written: .+\n {2}Choose a place/);
  });

  it('writes the pictures of the page as files, and prints those of G without colours for a pipe', async () => {
    const pictures = join(folder, 'of', 'pictures');
    const argv = [...TEXTS, '--html', join(folder, 'same.html'), '--pictures', pictures, '--show'];
    const { code, stdout, stderr } = await verify(argv);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const printed = stdout.slice(stdout.indexOf('G_LM of the first prompt'));
    for (const l of [0, 1]) expect(printed).toMatch(new RegExp(`^layer ${l}, head 0 +layer ${l}, head 1$`, 'm'));
    expect(printed).not.toContain(String.fromCharCode(27));
    for (const line of printed.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const files = await readdir(pictures);
    const matrices = ['A', 'A_LM', 'A_P', 'G_LM', 'attention', 'attention-layer0', 'attention-layer1'];
    const curves = ['drift', 'log-probabilities', 'margins', 'singular-values-layer0', 'singular-values-layer1'];
    expect(files.sort()).toEqual([
      ...matrices.flatMap((name) => [`${name}.png`, `${name}.svg`]), ...curves.map((name) => `${name}.svg`),
    ].sort());
    const page = await readFile(join(folder, 'same.html'), 'utf8');
    for (const file of files) {
      const bytes = await readFile(join(pictures, file));
      if (file.endsWith('.png')) expect(bytes.subarray(1, 4).toString()).toBe('PNG');
      else expect(page).toContain(bytes.toString('utf8').trim());
    }
  });

  it('shows an operator that no text moves, and what it attends to', async () => {
    const { dir } = await textCheckpoint(folder, 'v51G-identity');
    const [html, pictures] = [join(folder, 'fixed.html'), join(folder, 'fixed')];
    const argv = ['verify', '--model', dir, ...TEXTS, '--show', '--pictures', pictures, '--html', html];
    const { code, stdout, stderr } = await ricci(argv, lent(cpu));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^The operator is a part of the checkpoint, or the identity: no text moves it\.$/m);
    expect(stdout).toMatch(/^ {2}the model’s +\d+\.\d{4} /m);
    expect(stdout).not.toMatch(/A_LM|NaN|undefined/);
    expect(await readdir(pictures)).toEqual(expect.arrayContaining(['G_LM.png', 'G_LM.svg', 'attention.svg']));
    const page = await readFile(html, 'utf8');
    expect(page).toContain('G is fixed');
    expect(page.match(/<h2>/g)).toHaveLength(6);
    expect(page).not.toMatch(/NaN|undefined/);
  });

  it('is refused for a checkpoint that makes no logits', async () => {
    const { dir, weights } = await textCheckpoint(folder, 'v51-small');
    const { tensors } = await openSafetensors(weights);
    const bare: Record<string, WritableTensor> = {};
    await withReader(async (reader) => {
      for (const [name, entry] of tensors) {
        if (!name.startsWith('decoder.')) continue;
        const data = Float32Array.from(await reader.readDoubles(entry));
        bare[name.replace('decoder.', '')] = { dtype: 'F32', shape: entry.shape, data };
      }
    });
    await writeSafetensors(weights, bare);
    const run = await ricci(['verify', '--model', dir], noDevice);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/has no head, so it makes no logits to compare/);
  });

  it('says which law a faulty device breaks, with exit code 1', async () => {
    const { code, stdout } = await verify(TEXTS, faulty(cpu));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}✗ kernels +\d\.\de-\d of \d\.\de-\d/m);
  });

  it('takes its own texts where none are given', async () => {
    const { code, stdout } = await verify(['--steps', '2']);
    expect(code).toBe(0);
    expect(stdout.match(/^ {2}✓ /gm)).toHaveLength(LAWS.length);
  });
});

describe('what verify refuses, before a device is opened', () => {
  it.each([
    ['one text alone', ['--prompt', 'abc'], 2, 'Give --prompt twice or more'],
    ['more steps than the context holds', ['--steps', '10000'], 2, 'the model\'s context is'],
    ['pictures among numbers', ['--json', '--show'], 2, 'cannot be used with'],
    ['too few steps', ['--steps', '1'], 2, 'not a whole number from 2 up'],
  ])('%s', async (_, argv, code, message) => {
    const run = await verify(argv, noDevice);
    expect(run.code).toBe(code);
    expect(run.stderr).toContain(message);
    expect(run.stdout).toBe('');
  });

  it('a text that is not there, or too short to be scored', async () => {
    const file = join(folder, 'short.txt');
    await writeFile(file, '');
    const missing = await verify([...TEXTS, '--text', join(folder, 'none.txt')], noDevice);
    expect(missing.stderr).toMatch(/none\.txt could not be read: /);
    const run = await verify([...TEXTS, '--text', file], noDevice);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toMatch(/short\.txt has 0 tokens, and a perplexity takes two or more/);
  });

  it('a checkpoint without a tokenizer', async () => {
    const run = await ricci(['verify', '--model', caseFolder('v51-small')], noDevice);
    expect(run).toMatchObject({ code: 3, stdout: '' });
    expect(run.stderr).toContain('holds no tokenizer.model');
  });
});
