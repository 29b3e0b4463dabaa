import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AblationConfig } from '../../../examples/ablations/config.ts';
import { runAblations } from '../../../examples/ablations/run-ablations.ts';
import { forward, openCheckpoint, PldrModel } from '../../../models/pldr/index.ts';
import { GIVEN_G } from '../../../models/pldr/parameters.ts';
import { checkpointsIn, type TrainingEvent } from '../../../models/pldr/train/index.ts';
import type { Device } from '../../../runtime/device.ts';
import { openReader } from '../../../runtime/safetensors/index.ts';
import { frozenAt, interpretedModel } from '../../../verify/index.ts';
import { lastLogits } from '../../pldr/laws/plain-transformer.ts';
import { openTestCpu } from '../../support/device.ts';
import { errorOf, temporaryFolder } from '../../weights/support.ts';
import { LOOKS, problemsOf, testBrowser } from '../../browser/support.ts';
import { smallConfig, smallJson } from './support.ts';

const folder = temporaryFolder();
const openPage = testBrowser();
let device: Device;
let json: Readonly<Record<string, unknown>>;
let config: AblationConfig;
let page: string;
const told = new Map<string, TrainingEvent[]>();

const SWEEP = ['--sweep.peak', '0.01,0.03', '--sweep.warmup', '1'];

type Heard = (run: string, event: TrainingEvent) => void;

const compare = (of: AblationConfig, signal?: AbortSignal, heard?: Heard): Promise<string | undefined> =>
  runAblations(of, {
    device, now: () => 0, tell: ({ name }, event) => heard?.(name, event), ...(signal === undefined ? {} : { signal }),
  });

beforeAll(async () => {
  device = await openTestCpu();
  json = await smallJson(folder);
  config = smallConfig(json, folder, ...SWEEP);
  const path = await compare(config, undefined, (run, event) => told.set(run, [...told.get(run) ?? [], event]));
  page = await readFile(path ?? expect.unreachable('no report'), 'utf8');
});
afterAll(() => device.close());

const lastOf = async (name: string, of = config): Promise<string> =>
  (await checkpointsIn(join(of.out, name))).at(-1)?.path ?? expect.unreachable(`${name} has no checkpoint`);

async function tensorsOf(dir: string): Promise<ReadonlyMap<string, Float64Array>> {
  const { tensors } = await openCheckpoint(dir);
  const reader = openReader();
  try {
    const found = new Map<string, Float64Array>();
    for (const [name, entry] of tensors) if (entry.dtype === 'F32') found.set(name, await reader.readDoubles(entry));
    return found;
  } finally {
    await reader.close();
  }
}

describe('the runs', () => {
  it('begin with the same weights, as far as they have the same', async () => {
    const learned = await tensorsOf(join(config.out, 'learned', 'first'));
    for (const name of ['identity', 'random', 'transferred', 'dag', 'sweep/peak-0.03-warmup-1']) {
      const own = await tensorsOf(join(config.out, name, 'first'));
      const shared = [...own].filter(([weight]) => weight !== GIVEN_G);
      expect(shared.length).toBeGreaterThan(20);
      for (const [weight, values] of shared) expect(values, `${name}: ${weight}`).toEqual(learned.get(weight));
    }
  });

  it('train with DAG loss on the same batch: before the first update nothing differs', () => {
    const first = (name: string) => told.get(name)?.find(({ kind }) => kind === 'trained');
    expect(first('dag')).toEqual(first('learned'));
    expect(told.get('dag')?.at(-2)).not.toEqual(told.get('learned')?.at(-2));
  });

  it('never train an operator that is given', async () => {
    for (const name of ['random', 'transferred', 'identity']) {
      const [before, after] = [await tensorsOf(join(config.out, name, 'first')), await tensorsOf(await lastOf(name))];
      expect(after.get(GIVEN_G)).toEqual(before.get(GIVEN_G));
      expect(after.get('final_layer.weight')).not.toEqual(before.get('final_layer.weight'));
    }
  });

  it('transfer G of the learned run, made of the empty prompt', async () => {
    const donor = await PldrModel.load(await lastOf('learned'), device);
    const { layers, heads, headDim } = donor.config;
    const { G } = await frozenAt(donor, [donor.config.eosId ?? expect.unreachable('no end')]);
    donor.close();
    const given = (await tensorsOf(await lastOf('transferred'))).get(GIVEN_G) ?? expect.unreachable('no G');
    const size = heads * headDim ** 2;
    const slots = Array.from({ length: layers }, (_, l) => [...given.subarray((3 * l + 2) * size, (3 * l + 3) * size)]);
    expect(slots.flat()).toEqual([...G ?? []]);
  });

  it('compute scaled dot-product attention where G is the identity', async () => {
    const dir = await lastOf('identity');
    const ids = [5, 9, 12, 7];
    const model = await PldrModel.load(dir, device);
    const { tensors } = await forward(model, { rows: [ids] });
    model.close();
    const expected = lastLogits(await interpretedModel(await openCheckpoint(dir)), ids);
    const { data, shape: [, , vocab] } = tensors['prefill.logits'];
    expected.forEach((value, i) => expect(data[(ids.length - 1) * vocab + i]).toBeCloseTo(value, 3));
  });
});

describe('the report', () => {
  it('has every run with its numbers', () => {
    const known = [...told].filter(([name]) => !name.startsWith('sweep/'));
    expect(known).toHaveLength(6);
    for (const [name, events] of told) {
      const losses = events.flatMap((event) => (event.kind === 'validated' ? [event.loss] : []));
      expect(losses, name).toHaveLength(2);
      expect(page, name).toContain(`>${Math.min(...losses).toFixed(4)}<`);
    }
  });

  it('tells that no text moves an operator that is given, and that learned ones move', () => {
    for (const name of ['identity', 'random', 'transferred']) {
      expect(page).toContain(`<th scope="row">${name}</th><td>G_LM</td><td>0</td><td>0</td>`);
    }
    expect(page).toMatch(/<th scope="row">learned<\/th><td>A<\/td><td>[\d.]+ %<\/td>/);
  });

  it('has the pictures of all quantities, and asks for nothing elsewhere', () => {
    // Four of losses, five quantities of three tensors, two of the sweep.
    expect(page.match(/<svg /g)).toHaveLength(4 + 5 * 3 + 2);
    expect(page.match(/https?:[^"]*/g)?.filter((found) => found !== 'http://www.w3.org/2000/svg')).toEqual([]);
    expect(page).not.toMatch(/NaN|undefined/);
  });

  it.each(LOOKS)('has no problem $width px wide in $colorScheme', async (look) => {
    expect(await problemsOf(await openPage(join(config.out, 'report.html'), look))).toEqual([]);
  });
});

describe('a comparison', () => {
  it('that was interrupted goes on, and ends in the same page', async () => {
    const of = ['--variants', 'random,identity'];
    const whole = await compare(smallConfig(json, folder, ...of));
    const broken = smallConfig(json, folder, ...of);
    const interrupt = new AbortController();
    const stop = (run: string, event: TrainingEvent): void => {
      if (run === 'identity' && event.kind === 'trained' && event.step === 2) interrupt.abort();
    };
    expect(await compare(broken, interrupt.signal, stop)).toBeUndefined();
    const begun = new Map<string, number>();
    const path = await compare(broken, undefined, (run, event) => {
      if (event.kind === 'begun') begun.set(run, event.step);
    });
    expect([...begun]).toEqual([['random', 4], ['identity', 2]]);
    const [pageOf, expected] = await Promise.all([path, whole].map((file) => readFile(file ?? '', 'utf8')));
    expect(pageOf).toBe(expected);
  });

  it('takes G of a checkpoint that is named', async () => {
    const donor = await lastOf('learned');
    const keys = ['--transfer.from', donor, '--transfer.prompt', 'the cat', '--steps', '2'];
    const own = smallConfig(json, folder, '--variants', 'transferred', ...keys);
    await compare(own);
    const givenTo = async (of: AblationConfig) => (await tensorsOf(await lastOf('transferred', of))).get(GIVEN_G);
    expect(await givenTo(own)).not.toEqual(await givenTo(config));
    // Another G would not be the run that was begun.
    const changed = { ...own, transfer: { ...own.transfer, prompt: 'songs' } };
    expect((await errorOf(() => compare(changed))).message).toMatch(/transferred was begun with another G/);
  });

  it('refuses G of a model whose G is a part of it, before anything is trained', async () => {
    const own = smallConfig(json, folder, '--transfer.from', await lastOf('identity'), '--variants', 'transferred');
    const { code, message } = await errorOf(() => compare(own));
    expect(code).toBe('ablations/donor');
    expect(message).toContain('made from no prompt');
  });

  it('says that its texts are not there', async () => {
    const own = smallConfig(json, folder, '--data.paths', join(folder, 'nowhere.txt'));
    expect((await errorOf(() => compare(own))).message).toContain('nowhere.txt');
    const empty = join(folder, 'empty.txt');
    await writeFile(empty, '');
    expect((await errorOf(() => compare(smallConfig(json, folder, '--data.paths', empty)))).code).toMatch(/^data\//);
  });

  it('does not go on in the folder of another', async () => {
    const other = { ...config, recipe: { ...config.recipe, seed: 4 } };
    expect((await errorOf(() => compare(other))).message).toContain('seed was 3 and is 4');
  });
});
