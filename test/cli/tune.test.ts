import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelSubject } from '../../cli/tune/model-subject.ts';
import { showTuned } from '../../cli/tune/show-tuned.ts';
import { tune, type TuneOptions } from '../../cli/tune/tune.ts';
import {
  keepRecords, knownRecords, readRecords, schedulesIn, tunedFileOf, writtenRecords, type TunedRecords,
} from '../../cli/tune/tuned-file.ts';
import type { Schedule } from '../../compiler/loop/schedule.ts';
import { loadConfig } from '../../models/pldr/index.ts';
import { RicciError } from '../../dsl/errors.ts';
import type { Program } from '../../compiler/program.ts';
import type { Device, Executable } from '../../runtime/device.ts';
import { blocksFor } from '../deep/schedule.ts';
import { altered, openTestCpu } from '../support/device.ts';
import { runs } from '../support/runs.ts';
import { temporaryFolder } from '../weights/support.ts';
import { textCheckpoint, type Checkpoint } from './checkpoints.ts';
import { lent, ricci, type Run } from './support.ts';

const folder = temporaryFolder();
let cpu: Device;
let checkpoint: Checkpoint;

beforeAll(async () => {
  cpu = await openTestCpu();
  checkpoint = await textCheckpoint(folder);
});
afterAll(() => cpu.close());

/** A clock on which what is timed seems to take long, so that little is timed. */
const fast = (): number => 50 * performance.now();

const emptyFolder = (): string => mkdtempSync(join(folder, 'tuned-'));

const some: fc.Arbitrary<Partial<Schedule>> = fc.oneof(blocksFor('cpu'), blocksFor('webgpu'), fc.constant({}));
const seconds = fc.double({ min: 0, max: 10, noNaN: true });
const key = fc.stringMatching(/^[0-9a-z]{22}$/);
const records: fc.Arbitrary<TunedRecords> = fc.record({
  models: fc.array(key),
  kernels: fc.dictionary(key, fc.record({ name: fc.string(), schedule: some, before: seconds, after: seconds })),
}).map(({ models, kernels }) => ({ models, kernels: { ...kernels } }));

describe('the file of a device', () => {
  it('holds what was written', () => fc.assert(
    fc.property(records, (all) => {
      expect(readRecords(writtenRecords(cpu, all), cpu)).toEqual(all);
    }),
    runs(200),
  ));

  it('takes what is found later beside what it holds', async () => {
    const own = emptyFolder();
    const kernel = { name: 'a', schedule: { threads: 32 }, before: 2, after: 1 };
    await keepRecords(own, cpu, { models: ['m'], kernels: { first: kernel, both: kernel } });
    const file = await keepRecords(own, cpu, { models: ['n'], kernels: { both: { ...kernel, schedule: {} } } });
    expect(readRecords(readFileSync(file, 'utf8'), cpu)).toEqual({
      models: ['m', 'n'], kernels: { first: kernel, both: { ...kernel, schedule: {} } },
    });
    expect(schedulesIn(readRecords(readFileSync(file, 'utf8'), cpu))).toEqual({ first: { threads: 32 } });
  });

  const whole: TunedRecords = { models: [], kernels: { k: { name: 'a', schedule: { threads: 32 }, before: 2, after: 1 } } };

  it.each([
    ['is no JSON', (text: string) => text.slice(1)],
    ['has another format', (text: string) => text.replace('"format": 1', '"format": 2')],
    ['is of another version', (text: string) => text.replace(/"version": "[^"]*"/, '"version": "0.0.0"')],
    ['is of another device', (text: string) => text.replace('SIMD', 'SISD')],
    ['has a field that no schedule has', (text: string) => text.replace('"threads"', '"threats"')],
    ['has a value out of range', (text: string) => text.replace('32', '-32')],
    ['has a value of another type', (text: string) => text.replace('32', '"32"')],
    ['lacks its kernels', (text: string) => text.replace('"kernels"', '"colonels"')],
  ])('that %s is ignored with one warning, which names it', async (_, damage) => {
    const tuned = emptyFolder();
    const file = tunedFileOf(tuned, cpu);
    expect(damage(writtenRecords(cpu, whole))).not.toBe(writtenRecords(cpu, whole));
    writeFileSync(file, damage(writtenRecords(cpu, whole)));
    const said: string[] = [];
    const stderr = new Writable({ write: (text, _encoding, done) => { said.push(String(text)); done(); } });
    expect(await knownRecords({ stderr, tuned }, cpu)).toEqual({ models: [], kernels: {} });
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`ricci: ${file} is ignored: `);
    expect(said[0]).toContain('\n  Run `ricci tune` again, or delete the file.\n');
  });

  it('that cannot be used does not stop a command, nor is it looked at with --no-tuned', async () => {
    const tuned = emptyFolder();
    const file = tunedFileOf(tuned, cpu);
    writeFileSync(file, '{');
    const argv = ['generate', '--model', checkpoint.dir, '--greedy', '--max-new-tokens', '2', 'abc'];
    const plain = await ricci(argv, lent(cpu));
    const run = await ricci(argv, { ...lent(cpu), tuned });
    expect(run).toEqual({ ...plain, stderr: expect.stringContaining(file) });
    expect(run.stderr.split(file)).toHaveLength(2);
    expect(await ricci([...argv, '--no-tuned'], { ...lent(cpu), tuned })).toEqual(plain);
  });
});

describe('ricci tune', () => {
  it('keeps what it finds, and what runs a model then reads it and gives the same text', async () => {
    const tuned = emptyFolder();
    const store = new Map<string, string>();
    const world = {
      ...lent(cpu), tuned, now: fast,
      programs: { get: async (k: string) => store.get(k), put: async (k: string, text: string) => void store.set(k, text) },
    };
    const generate = (...argv: readonly string[]): Promise<Run> =>
      ricci(['generate', '--model', checkpoint.dir, '--greedy', '--max-new-tokens', '20', ...argv, 'abc'], world);
    const before = await generate();
    const run = await ricci(['tune', '--model', checkpoint.dir, '--prompt', '8', '--rounds', '1', '--json'], world);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const { file, kernels, discarded } = JSON.parse(run.stdout);
    expect(discarded).toEqual([]);
    expect(readdirSync(tuned).map((name) => join(tuned, name))).toEqual([file]);
    // A schedule for every kernel that was looked at, so that there is something to read.
    const found = readRecords(readFileSync(file, 'utf8'), cpu);
    expect(Object.keys(found.kernels)).toHaveLength(kernels.length);
    const vectors = { totals: 4, rows: 2, streams: 3, inTurn: 0, chains: 2, chunk: 2, panelFrom: 1 };
    const all = Object.entries(found.kernels).map(([k, r]) => [k, { ...r, schedule: { vectors } }] as const);
    writeFileSync(file, writtenRecords(cpu, { ...found, kernels: Object.fromEntries(all) }));
    const programs = store.size;
    expect(await generate()).toEqual(before);
    expect(store.size).toBe(2 * programs);
    expect(await generate('--no-tuned')).toEqual(before);
    expect(store.size).toBe(2 * programs);
    // Its kernels are known here: nothing is timed again.
    const text = readFileSync(file, 'utf8');
    expect(await generate('--tune')).toEqual(before);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});

describe('a tuner', () => {
  const VECTORS = { totals: 8, rows: 4, streams: 8, inTurn: 3072, chains: 4, chunk: 128, panelFrom: 16 };
  const [FIRST, SECOND]: readonly Partial<Schedule>[] = [{ vectors: { ...VECTORS, streams: 3 } }, { onlineChunk: 32 }];

  /** A device on which each kernel takes `slow` seconds as the device's own program has it, and 1 in all others. */
  const clocked = (slow: { readonly kernel: number; readonly whole: number }, clock: { ms: number }): Device => {
    const first = new Map<string, string>();
    const isOwn = ({ name, modules }: Program): boolean => {
      if (!first.has(name)) first.set(name, modules.join());
      return first.get(name) === modules.join();
    };
    const real = new Map<Executable, Executable>();
    return altered(cpu, {
      async open(program, buffers) {
        const executable = await cpu.open(program, buffers);
        const own = isOwn(program);
        const made: Executable = {
          program, time: () => Promise.resolve(program.kernels.map(() => (own ? slow.kernel : 1))),
          destroy: () => executable.destroy(),
        };
        real.set(made, executable);
        return made;
      },
      submit: (work) => cpu.submit((commands) => work({
        ...commands,
        run(executable, sizes) {
          commands.run(real.get(executable) ?? executable, sizes);
          if (executable.program.name !== 'kernel') clock.ms += isOwn(executable.program) ? slow.whole : 1;
        },
      })),
    });
  };

  const tuned = async (device: Device, options: Partial<TuneOptions>, clock = { ms: 0 }) => {
    const config = await loadConfig(checkpoint.config);
    const subject = modelSubject(device, config, { hasHead: true, weights: 'f32', variant: undefined, prompt: 5 });
    const now = () => { clock.ms += 100; return clock.ms; };
    return tune(subject, { rounds: 1, now, candidatesOf: () => [FIRST], ...options });
  };

  it.each([
    ['is kept where kernels and the whole are faster', { kernel: 2, whole: 100 }, true],
    ['is not kept where the whole is as fast as before', { kernel: 2, whole: 1 }, false],
    ['is not kept where kernels are hardly faster', { kernel: 1.02, whole: 100 }, false],
  ])('what is found %s', async (_, slow, kept) => {
    const clock = { ms: 0 };
    const { kernels, programs } = await tuned(clocked(slow, clock), {}, clock);
    expect(kernels.length).toBeGreaterThan(5);
    for (const k of kernels) expect(k.schedule).toEqual(kept ? FIRST : {});
    expect(programs.map((p) => p.kept)).toEqual([kept, kept]);
    const shown = showTuned({ kernels, programs, discarded: [] }, () => 'here:1').split('\n');
    expect(shown[0]).toMatch(/^kernel +source +program +default µs +best µs +schedule$/);
    expect(shown[1]).toMatch(kept ? / here:1 .* [\d.]+ +[\d.]+ +streams 3$/ : / the device's own$/);
    expect(shown.at(-1)?.endsWith('nothing kept')).toBe(!kept);
  });

  it('discards a candidate that computes something else, or does not compile, and says which', async () => {
    let [reads, opened] = [0, 0];
    // Each kernel is checked by the device's own schedule, by the first and by the second.
    const faulty = altered(cpu, {
      async read(buffer, ranges) {
        const bytes = await cpu.read(buffer, ranges);
        if (reads++ % 2 === 1) new Float32Array(bytes)[0] += 1;
        return bytes;
      },
      open(program, buffers) {
        if (program.name !== 'kernel' || opened++ % 3 !== 2) return cpu.open(program, buffers);
        throw new RicciError({ code: 'test/refused', message: 'This one is refused.' });
      },
    });
    const { kernels, discarded } = await tuned(faulty, { candidatesOf: () => [FIRST, SECOND] });
    expect(kernels.every((k) => Object.keys(k.schedule).length === 0)).toBe(true);
    expect(kernels.length).toBeGreaterThan(5);
    expect(discarded).toHaveLength(2 * kernels.length);
    for (const [i, { kernel, schedule, problem }] of discarded.entries()) {
      expect(kernel).toBe(kernels[i >> 1].name);
      expect(schedule).toBe(i % 2 === 0 ? FIRST : SECOND);
      expect(problem).toMatch(i % 2 === 0 ? /^entry 0 is .* and should be / : /^This one is refused\.$/);
    }
  });
});
