import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUITES } from '../../cli/bench/case.ts';
import { textOf } from '../../cli/bench/formats/text.ts';
import { BenchModel } from '../../cli/bench/models/bench-model.ts';
import { checkTraining, type CheckedTraining } from '../../cli/bench/models/check-training.ts';
import { TrainingSubject } from '../../cli/bench/models/training-subject.ts';
import type { BenchReport } from '../../cli/bench/report.ts';
import type { BenchFlags } from '../../cli/bench/run-bench.ts';
import { processIo } from '../../cli/io.ts';
import { RicciError } from '../../dsl/errors.ts';
import { countParameters, loadConfig, type PldrConfig } from '../../models/pldr/index.ts';
import type { Device } from '../../runtime/device.ts';
import { altered, openTestCpu } from '../support/device.ts';
import { temporaryFolder } from '../weights/support.ts';
import { benchOf, SMALL } from './bench-support.ts';
import { textCheckpoint, type Checkpoint } from './checkpoints.ts';
import { lent, noDevice, ricci, type Run, type World } from './support.ts';

const folder = temporaryFolder();
let cpu: Device;
let checkpoint: Checkpoint;

beforeAll(async () => {
  cpu = await openTestCpu(2);
  checkpoint = await textCheckpoint(folder, 'v51-small');
});
afterAll(() => cpu.close());

const now = (): number => performance.now();

const bench = (argv: readonly string[], world: World = {}): Promise<Run> =>
  ricci(['bench', '--model', checkpoint.dir, '--seconds', '0.001', ...argv], { ...lent(cpu), now, ...world });

const printed = (flags: Partial<BenchFlags>, device: Device = cpu): Promise<string> =>
  benchOf(device, { model: checkpoint.dir, ...flags });

/** A device that gives the first number of all that is read as another one. */
const faulty = (device: Device): Device => altered(device, {
  close: () => undefined,
  read: async (buffer, ranges) => {
    const bytes = await device.read(buffer, ranges);
    new Float32Array(bytes)[0] += 0.1;
    return bytes;
  },
});

describe('bench', () => {
  let report: BenchReport;
  let config: PldrConfig;
  const trace = join(folder, 'trace.json');
  beforeAll(async () => {
    config = await loadConfig(checkpoint.config);
    report = JSON.parse(await printed({ rounds: 2, json: true, trace }));
  });

  it('measures every suite, on roofs of every kind', () => {
    expect(report).toMatchObject({
      format: 1, device: { kind: 'cpu', name: cpu.name }, settings: { seconds: 0.001, rounds: 2, weights: 'f32' },
    });
    expect(new Set(report.results.map((r) => r.suite))).toEqual(new Set(SUITES));
    expect(new Set(report.roofs.map((r) => r.unit))).toEqual(new Set(['GB/s', 'GFLOP/s', 'µs']));
    const kernels = report.results.filter((r) => r.suite === 'kernels');
    const kinds = ['matvec', 'matmul', 'batched matmul', 'row sum', 'softmax', 'layer norm', 'triad', 'exp', 'gather'];
    for (const kind of [...kinds, 'attention 2 heads, 1 ×', 'attention 2 heads, 8 ×']) {
      expect(kernels.some((r) => r.name.startsWith(kind)), kind).toBe(true);
    }
    for (const dtype of ['f32', 'bf16', 'int8']) expect(kernels.map((r) => r.dtype)).toContain(dtype);
  });

  it('gives each figure with its spread, and all that a roof bounds with its share', () => {
    for (const { suite, name, unit, median, min, max, runs, roof } of [...report.roofs, ...report.results]) {
      expect(min, name).toBeGreaterThan(0);
      expect(min <= median && median <= max, name).toBe(true);
      expect(runs, name).toBeGreaterThanOrEqual(6);
      expect(roof !== undefined, name).toBe(suite !== 'roofs' && suite !== 'compile' && unit !== '×');
    }
    expect(new Set(report.results.map((r) => r.clock))).toEqual(new Set(['host']));
  });

  it('takes roofs from what it measured: a copy may reach the best of its size, and no more', () => {
    const best = Math.max(...report.roofs.filter((r) => r.unit === 'GB/s').map((r) => r.max));
    // Which roof is the lowest depends on what was measured, but none of them is above that of a copy.
    const bounded = report.results.filter((r) => r.unit === 'GB/s' && r.work?.streams !== true);
    expect(bounded.length).toBeGreaterThan(3);
    for (const { name, roof, median } of bounded) {
      const { figure, percent } = roof ?? expect.fail('no roof');
      expect(figure, name).toBeLessThanOrEqual(1.0001 * best);
      expect(percent).toBeCloseTo((100 * median) / figure, 9);
    }
  });

  it('says what keeping caches gains over as many tokens as it names, and what a position in them costs', () => {
    const [gain] = report.results.filter((r) => r.unit === '×');
    const { contextLength } = config;
    const tokens = Math.min(100, contextLength - 9);
    expect(gain).toMatchObject({ suite: 'decode', name: `kv+g against none, ${tokens} tokens after 9` });
    const [position] = report.results.filter((r) => r.name.startsWith('each position, '));
    expect(position).toMatchObject({ suite: 'decode', unit: 'µs' });
    expect(position.roof?.limit).toMatch(/^(matvec|flops)$/);
    expect(position.name).toMatch(new RegExp(`… ${contextLength - 4}$`));
    // Two rows of every layer's keys and values.
    expect(position.work?.bytes).toBe(8 * config.layers * config.hiddenSize);
  });

  it('times one update of the training as tokens, time and operations, and these beside a product', () => {
    const [tokens, time, rate, beside] = report.results.filter((r) => r.suite === 'train');
    const entries = (config.contextLength - 1) * 16;
    expect(tokens).toMatchObject({ unit: 'tokens/s', name: `update with 16 × ${config.contextLength - 1} tokens` });
    expect(time).toMatchObject({ unit: 'ms', name: tokens.name });
    expect(rate.unit).toBe('GFLOP/s');
    expect(beside).toMatchObject({ unit: '×', name: 'contractions of it against matmul 128³' });
    // Backwards, each matrix meets every token twice more; G's net and attention come on top, an embedding does not.
    const flops = rate.work?.flops ?? 0;
    const matrices = countParameters(config) - config.vocabSize * config.hiddenSize;
    expect(flops).toBeGreaterThan(3 * entries * config.layers * config.hiddenSize ** 2);
    expect(flops).toBeLessThan(12 * entries * matrices);
    for (const { work } of [tokens, time]) expect(work).toEqual(rate.work);
  });

  it('prints the same as a table, a line for each figure', () => {
    const lines = textOf(report).trimEnd().split('\n');
    expect(lines[0]).toContain(cpu.name);
    expect(lines).toHaveLength(3 + report.roofs.length + report.results.length);
    for (const { suite, name, roof } of report.results) {
      const share = roof === undefined ? ' - ' : ` ${roof.percent >= 9.95 ? roof.percent.toFixed(0) : ''}`;
      expect(lines.some((line) => line.startsWith(suite) && line.includes(name) && line.includes(share)), name).toBe(true);
    }
  });

  it('writes a trace of host and device, with the kernels of a step', async () => {
    const { traceEvents }: { readonly traceEvents: readonly { readonly pid: number; readonly args?: { readonly of?: string } }[] } =
      JSON.parse(await readFile(trace, 'utf8'));
    expect(new Set(traceEvents.map((e) => e.pid)).size).toBe(2);
    const ofSteps = traceEvents.filter((e) => e.args?.of?.startsWith('decode: after 16 tokens') === true);
    expect(ofSteps.length).toBeGreaterThan(10);
  });
});

describe('formats', () => {
  it.each<[Partial<BenchFlags>, RegExp]>([
    [{ csv: true }, /^device,suite,case,weights,unit,clock,median,min,max,runs,.*\n/],
    [{ md: true }, /^CPU .*\n\n\| suite \| case \| weights \| median \|.*\n\| --- \|/],
  ])('%j', async (format, expected) => {
    const text = await printed({ suite: ['kernels'], ...format });
    expect(text).toMatch(expected);
    expect(text).toMatch(/kernels.*softmax 64²/);
    expect(text).not.toMatch(/decode|NaN|undefined/);
  });

  it('the command itself prints a table of the suite that is asked for', async () => {
    const { code, stdout, stderr } = await bench(['--suite', 'compile']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^CPU .*\n\nsuite +case +weights +median/);
    expect(stdout).toMatch(/^roofs +matmul 1024³ +f32 .* GFLOP\/s /m);
    expect(stdout).toMatch(/^compile +both programs, from nothing +f32 /m);
    expect(stdout).not.toMatch(/^(decode|kernels)/m);
  });
});

describe('a device that lacks something', () => {
  it('leaves that out and says so, and measures the rest', async () => {
    const small = altered(cpu, {
      open: (program, buffers) => {
        if (!program.name.startsWith('gather')) return cpu.open(program, buffers);
        throw new RicciError({ code: 'runtime/needs', message: 'There is no such instruction.' });
      },
    });
    const report: BenchReport = JSON.parse(await printed({ suite: ['kernels'], json: true }, small));
    expect(report.leftOut.length).toBeGreaterThan(0);
    for (const { name, reason } of report.leftOut) {
      expect(name).toMatch(/^gather/);
      expect(reason).toBe('There is no such instruction.');
    }
    expect(report.results.some((r) => r.name.startsWith('gather'))).toBe(false);
    expect(report.results.length).toBeGreaterThan(10);
  });
});

describe('correctness comes before time', () => {
  it('a device that computes wrong gets a sentence and no figure', async () => {
    const { code, stdout, stderr } = await bench(['--suite', 'kernels'], {
      openDevice: () => Promise.resolve(faulty(cpu)),
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^ricci: copy .+ \(f32\): entry 0 is [\d.e-]+ and should be [\d.e-]+\. Nothing is timed\.\n {2}Run/);
  });

  it('logits that are not the interpreter\'s are found, where kernels are not looked at', async () => {
    const config = await loadConfig(checkpoint.config);
    const files = { dir: checkpoint.dir, storage: 'f32', config } as const;
    const model = new BenchModel({ device: faulty(cpu), now, seconds: 0.001, sizes: SMALL }, processIo(), files);
    await expect(model.loaded()).rejects.toMatchObject({
      code: 'bench/wrong', message: expect.stringMatching(/^Logits of .+ differ from the interpreter's by 0\.1.*, and /),
    });
    model.release();
  });
});

describe('an update that is timed', () => {
  it('has moved the loss as its gradient says: one that leaves the weights, or goes the other way, is found', async () => {
    const files = { dir: checkpoint.dir, storage: 'f32', config: await loadConfig(checkpoint.config) } as const;
    const model = new BenchModel({ device: cpu, now, seconds: 0.001, sizes: SMALL }, processIo(), files);
    const checked = (changed: (subject: TrainingSubject) => Partial<CheckedTraining>): Promise<void> => {
      model.release(); // moments are 0 again
      const subject = new TrainingSubject(model);
      const { batch, recipe } = subject;
      const [trainer, update] = [() => subject.trainer(), (rate?: number) => subject.update(rate)];
      return checkTraining({ model, batch, recipe, trainer, update, ...changed(subject) });
    };
    await checked(() => ({}));
    await expect(checked((subject) => ({ update: () => subject.update(0) }))).rejects.toMatchObject({
      code: 'bench/wrong', message: expect.stringMatching(/^An update at the rate .+, which is 0\S* of what its /),
    });
    await expect(checked((subject) => ({ update: (rate) => subject.update(-(rate ?? 0)) }))).rejects.toMatchObject({
      code: 'bench/wrong', message: expect.stringMatching(/, which is -0\.9.* of what its gradient says/),
    });
    model.release();
  });
});

describe('wrong usage', () => {
  it.each([
    ['--suite everything', 'Allowed choices are kernels, decode, prefill, ttft, compile, load, train, all.'],
    ['--seconds 0', 'It is not above 0.'],
    ['--rounds 0', 'It is not a whole number from 1 up.'],
    ['--json --csv', "option '--json' cannot be used with option '--csv'"],
    ['--csv --md', "option '--csv' cannot be used with option '--md'"],
    ['--weights int4', 'Allowed choices are f32'],
    ['--device cpu --adapter llvm', 'the device cpu has no adapters'],
  ])('ricci bench %s', async (line, message) => {
    const run = await ricci(['bench', ...line.split(' ')], noDevice);
    expect(run.stderr).toContain(message);
    expect(run).toMatchObject({ code: 2, stdout: '' });
  });

  it('a model that is not there is told before anything is measured', async () => {
    const run = await bench(['--suite', 'load', '--model', join(folder, 'none')], noDevice);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain('none');
  });
});
