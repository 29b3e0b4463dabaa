import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../models/pldr/checkpoint.ts';
import type { Checkpoint } from '../../models/pldr/checkpoint.ts';
import type { PldrConfig } from '../../models/pldr/config.ts';
import { randomCheckpoint } from '../../models/pldr/init.ts';
import type { InitOptions } from '../../models/pldr/init.ts';
import type { WeightDtype } from '../../models/pldr/initial-chunks.ts';
import { GIVEN_G } from '../../models/pldr/parameters.ts';
import { PRESETS } from '../../models/pldr/presets.ts';
import {
  elementCount,
  narrowToBf16,
  narrowToF16,
  readFloats,
  widenBf16,
  widenF16,
} from '../../runtime/safetensors/index.ts';
import { errorOf, temporaryFolder } from '../weights/support.ts';
import { configs } from './fixtures.ts';

const folder = temporaryFolder();

const SMALL: PldrConfig = {
  ...PRESETS['v51-110M-1'],
  vocabSize: 1200,
  layers: 2,
  heads: 4,
  headDim: 32,
  hiddenSize: 128,
  intermediateSize: 300,
  residualUnits: 1,
  gluPerUnit: 1,
  metricWidth: 90,
};

async function made(config: PldrConfig, seed: number, dtype: WeightDtype, options?: InitOptions): Promise<Checkpoint> {
  const dir = join(await mkdtemp(join(folder, 'made-')), 'checkpoint');
  await randomCheckpoint(config, dir, seed, dtype, options);
  return openCheckpoint(dir);
}

async function values({ tensors }: Checkpoint, name: string): Promise<Float32Array> {
  const entry = tensors.get(name)!;
  const target = new Float32Array(elementCount(entry.shape));
  await readFloats(entry, 0, target);
  return target;
}

async function allValues(checkpoint: Checkpoint): Promise<ReadonlyMap<string, Float32Array>> {
  const names = [...checkpoint.tensors.keys()].filter((name) => name !== `${GIVEN_G}_status`);
  return new Map(await Promise.all(names.map(async (name) => [name, await values(checkpoint, name)] as const)));
}

const mean = (x: Float32Array): number => x.reduce((sum, value) => sum + value, 0) / x.length;
const largest = (x: Float32Array): number => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const moment = (x: Float32Array, power: number): number => x.reduce((sum, value) => sum + value ** power, 0) / x.length;

/** The sample agrees with a uniform distribution on (-bound, bound) to five standard errors. */
function expectUniform(x: Float32Array, bound: number): void {
  const scatter = 5 / Math.sqrt(x.length);
  expect(Math.abs(mean(x)) / bound).toBeLessThan(scatter * Math.sqrt(1 / 3));
  expect(Math.abs(moment(x, 2) / bound ** 2 - 1 / 3)).toBeLessThan(scatter * Math.sqrt(4 / 45));
  expect(largest(x)).toBeLessThanOrEqual(Math.fround(bound));
  expect(largest(x)).toBeGreaterThan(0.97 * bound);
}

/** The sample agrees with N(0, deviation²) to five standard errors, in its first, second and fourth moment. */
function expectNormal(x: Float32Array, deviation: number): void {
  const scatter = 5 / Math.sqrt(x.length);
  expect(Math.abs(mean(x)) / deviation).toBeLessThan(scatter);
  expect(Math.abs(moment(x, 2) / deviation ** 2 - 1)).toBeLessThan(scatter * Math.SQRT2);
  expect(Math.abs(moment(x, 4) / deviation ** 4 - 3)).toBeLessThan(scatter * Math.sqrt(96));
}

const LAYER = 'decoder.dec_layers.1';

describe('laws', () => {
  it('every configuration, dtype and sharding gives a checkpoint that opens', async () => {
    const dtypes = fc.constantFrom<WeightDtype>('F32', 'BF16', 'F16');
    const shards = fc.constantFrom(undefined, 1, 1000, 1e6);
    const schemes = fc.constantFrom('authors' as const, 'hf' as const);
    await fc.assert(
      fc.asyncProperty(configs, dtypes, shards, schemes, async (config, dtype, shardBytes, scheme) => {
        const options = shardBytes === undefined ? { scheme } : { scheme, shardBytes };
        const checkpoint = await made(config, 1, dtype, options);
        expect(checkpoint.config).toEqual(config);
        expect(checkpoint.tensors.get('decoder.embedding.weight')!.dtype).toBe(dtype);
      }),
      { numRuns: 8 },
    );
  });

  it('the same seed gives the same values, whatever the sharding', async () => {
    const whole = await allValues(await made(SMALL, 7, 'F32'));
    expect(await allValues(await made(SMALL, 7, 'F32', { shardBytes: 50_000 }))).toEqual(whole);
  });

  it('half dtypes hold the rounded float32 values of the same seed', async () => {
    const exact = await values(await made(SMALL, 7, 'F32'), `${LAYER}.mha1.wq.weight`);
    const rounded = new Float32Array(exact.length);
    widenF16(narrowToF16(exact), rounded);
    expect(await values(await made(SMALL, 7, 'F16'), `${LAYER}.mha1.wq.weight`)).toEqual(rounded);
    widenBf16(narrowToBf16(exact), rounded);
    expect(await values(await made(SMALL, 7, 'BF16'), `${LAYER}.mha1.wq.weight`)).toEqual(rounded);
  });

  it('different seeds, and different tensors of one seed, are not alike', async () => {
    const [a, b, far] = await Promise.all([1, 2, 1 + 2 ** 32].map((seed) => made(SMALL, seed, 'F32')));
    const samples = await Promise.all([
      values(a!, `${LAYER}.mha1.wq.weight`),
      values(a!, `${LAYER}.mha1.wk.weight`),
      values(b!, `${LAYER}.mha1.wq.weight`),
      values(far!, `${LAYER}.mha1.wq.weight`),
    ]);
    for (const [i, x] of samples.entries()) {
      for (const y of samples.slice(i + 1)) {
        const correlation = mean(x.map((value, at) => value * y[at]!)) / Math.sqrt(moment(x, 2) * moment(y, 2));
        expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(x.length));
      }
    }
  });
});

describe("the authors' initialisation", () => {
  const checkpoint = made(SMALL, 3, 'F32');
  const read = async (name: string): Promise<Float32Array> => values(await checkpoint, name);

  it('draws the embedding from N(0, 1)', async () => expectNormal(await read('decoder.embedding.weight'), 1));

  it('is Xavier-uniform for linear maps, with zero biases', async () => {
    expectUniform(await read(`${LAYER}.mha1.wk.weight`), Math.sqrt(6 / 256));
    expectUniform(await read(`${LAYER}.ffn.gluw3.weight`), Math.sqrt(6 / 428));
    expectUniform(await read(`${LAYER}.mha1.reslayerAs.0.denseAs.0.gluw1.weight`), Math.sqrt(6 / 122));
    expectUniform(await read('final_layer.weight'), Math.sqrt(6 / 1328));
    for (const name of ['wq', 'wk', 'dense']) {
      expect(await read(`${LAYER}.mha1.${name}.bias`)).toEqual(new Float32Array(128));
    }
  });

  it('leaves wv to the default of its framework, bias included', async () => {
    const bound = 1 / Math.sqrt(128);
    expectUniform(await read(`${LAYER}.mha1.wv.weight`), bound);
    const bias = await read(`${LAYER}.mha1.wv.bias`);
    expect(largest(bias)).toBeLessThanOrEqual(Math.fround(bound));
    expect(moment(bias, 2)).toBeGreaterThan(bound ** 2 / 6);
  });

  it('is Xavier-normal on [H, d, d] for W, pw and a, and zero for b and ba', async () => {
    const deviation = Math.sqrt(2 / (32 * 32 + 4 * 32));
    for (const name of ['Wlst', 'pwlst', 'alst']) {
      expectNormal(await read(`${LAYER}.mha1.plgatt_layer.${name}`), deviation);
    }
    for (const name of ['blst', 'balst']) {
      expect(await read(`${LAYER}.mha1.plgatt_layer.${name}`)).toEqual(new Float32Array(4 * 32 * 32));
    }
  });

  it('starts layer norms with gain 1 and bias 0', async () => {
    for (const norm of ['decoder.layernorm1', `${LAYER}.layernorm1`, `${LAYER}.layernorm2`]) {
      expect(await read(`${norm}.weight`)).toEqual(new Float32Array(128).fill(1));
      expect(await read(`${norm}.bias`)).toEqual(new Float32Array(128));
    }
    for (const norm of ['layernorm1', 'reslayerAs.0.layernormA']) {
      expect(await read(`${LAYER}.mha1.${norm}.weight`)).toEqual(new Float32Array(32).fill(1));
    }
  });
});

describe("Hugging Face's initialisation", () => {
  it('treats wv like the others and draws W, pw and a uniformly', async () => {
    const checkpoint = await made(SMALL, 3, 'F32', { scheme: 'hf' });
    expectUniform(await values(checkpoint, `${LAYER}.mha1.wv.weight`), Math.sqrt(6 / 256));
    expect(await values(checkpoint, `${LAYER}.mha1.wv.bias`)).toEqual(new Float32Array(128));
    expectUniform(await values(checkpoint, `${LAYER}.mha1.plgatt_layer.pwlst`), Math.sqrt(6 / (32 * 32 + 4 * 32)));
  });
});

describe('given operators', () => {
  const size = 4 * 32 * 32;
  const slots = async (customG: PldrConfig['customG']): Promise<readonly Float32Array[]> => {
    const g = await values(await made({ ...SMALL, customG }, 5, 'F32'), GIVEN_G);
    return Array.from({ length: 6 }, (_, i) => g.subarray(i * size, (i + 1) * size));
  };

  it.each(['identity', 'external'] as const)('are the identity for %s', async (customG) => {
    const identity = Float32Array.from({ length: size }, (_, i) => (Math.floor(i / 32) % 32 === i % 32 ? 1 : 0));
    const zero = new Float32Array(size);
    expect(await slots(customG)).toEqual([zero, zero, identity, zero, zero, identity]);
  });

  it('are drawn from N(0, 1), afresh for each layer, for random', async () => {
    const [a, aLm, first, , , second] = await slots('random');
    expect([a, aLm]).toEqual([new Float32Array(size), new Float32Array(size)]);
    expectNormal(first!, 1);
    expectNormal(second!, 1);
    expect(first).not.toEqual(second);
  });

  it('are what the caller gives, layer by layer, and all else is as without', async () => {
    const config: PldrConfig = { ...SMALL, customG: 'external' };
    const G = Float32Array.from({ length: 2 * size }, (_, i) => i);
    const [own, other] = [await made(config, 5, 'F32', { G }), await made(config, 5, 'F32')];
    const g = await values(own, GIVEN_G);
    const zeros = new Float32Array(2 * size);
    expect(g).toEqual(Float32Array.of(...zeros, ...G.subarray(0, size), ...zeros, ...G.subarray(size)));
    for (const name of [...own.tensors.keys()].filter((one) => !one.startsWith(GIVEN_G))) {
      expect(await values(own, name)).toEqual(await values(other, name));
    }
  });
});

describe('the folder', () => {
  it('is not overwritten', async () => {
    const dir = await mkdtemp(join(folder, 'twice-'));
    const tiny = { ...SMALL, layers: 1, vocabSize: 10 };
    await randomCheckpoint(tiny, dir, 1, 'F32');
    const before = await readFile(join(dir, 'model.safetensors'));
    const error = await errorOf(() => randomCheckpoint(tiny, dir, 2, 'F32'));
    expect(error.code).toBe('checkpoint/exists');
    expect(error.message).toContain('already holds config.json, model.safetensors');
    expect(Buffer.compare(await readFile(join(dir, 'model.safetensors')), before)).toBe(0);
  });

  it('must be one that can be made', async () => {
    const error = await errorOf(() => randomCheckpoint(SMALL, '/dev/null/x', 1, 'F32'));
    expect(error.code).toBe('weights/write-failed');
  });
});
