import { copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../models/pldr/checkpoint.ts';
import { loadConfig } from '../../models/pldr/config.ts';
import { countParameters } from '../../models/pldr/count-parameters.ts';
import { GIVEN_G, GIVEN_G_STATUS, parameterShapes } from '../../models/pldr/parameters.ts';
import {
  elementCount,
  openSafetensors,
  readDoubles,
  readFloats,
  readIntegers,
  withReader,
  writeSafetensors,
} from '../../runtime/safetensors/index.ts';
import type { WritableTensor } from '../../runtime/safetensors/index.ts';
import { errorOf, temporaryFolder } from '../weights/support.ts';
import { caseFolder, CASES } from './fixtures.ts';

const folder = temporaryFolder();

type Tensors = Record<string, WritableTensor>;

/** The tensors of a reference case in memory, to be changed and written elsewhere. */
async function tensorsOf(name: string): Promise<Tensors> {
  const { tensors } = await openSafetensors(join(caseFolder(name), 'model.safetensors'));
  const pairs = [...tensors].map(async ([key, entry]): Promise<[string, WritableTensor]> => {
    const { shape } = entry;
    return entry.dtype === 'BOOL'
      ? [key, { dtype: 'BOOL', shape, data: Uint8Array.from(await readIntegers(entry)) }]
      : [key, { dtype: 'F32', shape, data: Float32Array.from(await readDoubles(entry)) }];
  });
  return Object.fromEntries(await Promise.all(pairs));
}

/** A folder with the case's config.json and `change`d tensors. */
async function variant(name: string, change: (tensors: Tensors) => Tensors): Promise<string> {
  const dir = await mkdtemp(join(folder, 'variant-'));
  await copyFile(join(caseFolder(name), 'config.json'), join(dir, 'config.json'));
  await writeSafetensors(join(dir, 'model.safetensors'), change(await tensorsOf(name)));
  return dir;
}

const zeros = (shape: readonly number[]): WritableTensor => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(elementCount(shape)),
});

const without = (tensors: Tensors, ...prefixes: readonly string[]): Tensors =>
  Object.fromEntries(Object.entries(tensors).filter(([name]) => !prefixes.some((prefix) => name.startsWith(prefix))));

describe.each(CASES)('the reference case %s', (name) => {
  it('opens, with exactly the tensors of its configuration', async () => {
    const checkpoint = await openCheckpoint(caseFolder(name));
    expect(new Set(checkpoint.tensors.keys())).toEqual(new Set(parameterShapes(checkpoint.config).keys()));
    expect(checkpoint.hasHead).toBe(true);
    expect(checkpoint.heads.size).toBe(0);
    expect(checkpoint.tokenizerFile).toBeUndefined();
    expect(checkpoint.givenG === undefined).toBe(checkpoint.config.customG === null);
  });

  it('holds finite weights, as many as the formula says', async () => {
    const { config, tensors } = await openCheckpoint(caseFolder(name));
    let count = 0;
    await withReader(async (reader) => {
      for (const [tensor, entry] of tensors) {
        if (tensor === GIVEN_G || tensor === GIVEN_G_STATUS) continue;
        const values = new Float32Array(elementCount(entry.shape));
        await reader.readFloats(entry, 0, values);
        expect(values.every(Number.isFinite)).toBe(true);
        count += values.length;
      }
    });
    expect(count).toBe(countParameters(config));
  });
});

describe('given operators', () => {
  it('of v51G-identity are the identity in every layer and head', async () => {
    const { config, givenG } = await openCheckpoint(caseFolder('v51G-identity'));
    const { heads, headDim: d, layers } = config;
    const size = heads * d * d;
    for (let layer = 0; layer < layers; layer++) {
      const g = new Float32Array(size);
      await readFloats(givenG!, (layer * 3 + 2) * size, g);
      expect([...g]).toEqual(Array.from({ length: size }, (_, i) => (Math.floor(i / d) % d === i % d ? 1 : 0)));
    }
  });

  it('may be absent when they are the identity', async () => {
    const dir = await variant('v51G-identity', (tensors) => without(tensors, 'decoder.past_G'));
    expect((await openCheckpoint(dir)).givenG).toBeUndefined();
  });

  it.each(['v51G-random', 'v51Gi-external'])('must be supplied when %s lacks them', async (name) => {
    const dir = await variant(name, (tensors) => without(tensors, 'decoder.past_G'));
    const error = await errorOf(() => openCheckpoint(dir));
    expect(error.code).toBe('checkpoint/missing-g');
    expect(error.message).toContain(`custom_G_type is "${name.split('-')[1]}"`);
    expect(error.message).toContain('hold no decoder.past_G_values');
    expect(error.hint).toContain('Supply G');
    expect((await openCheckpoint(dir, { suppliesG: true })).givenG).toBeUndefined();
  });

  it('must be filled in for every layer', async () => {
    const status: WritableTensor = { dtype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) };
    const dir = await variant('v51Gi-external', (tensors) => ({ ...tensors, [GIVEN_G_STATUS]: status }));
    const error = await errorOf(() => openCheckpoint(dir));
    expect(error.code).toBe('checkpoint/missing-g');
    expect(error.message).toContain('not filled in for layer 1');
  });

  it('need both of their tensors', async () => {
    const dir = await variant('v51Gi-external', (tensors) => without(tensors, GIVEN_G_STATUS));
    const error = await errorOf(() => openCheckpoint(dir));
    expect(error.code).toBe('checkpoint/tensors');
    expect(error.message).toContain(`missing: ${GIVEN_G_STATUS} [2]`);
  });
});

describe('other layouts', () => {
  it('accepts the bare model, without prefix and head', async () => {
    const dir = await variant('v51-small', (tensors) =>
      Object.fromEntries(
        Object.entries(without(tensors, 'final_layer')).map(([name, tensor]) => [name.replace('decoder.', ''), tensor]),
      ),
    );
    const bare = await openCheckpoint(dir);
    expect(bare.hasHead).toBe(false);
    const expected = [...parameterShapes(bare.config).keys()].filter((name) => !name.startsWith('final_layer'));
    expect(new Set(bare.tensors.keys())).toEqual(new Set(expected));
  });

  it('accepts task heads, with or without final_layer', async () => {
    const { hiddenSize } = await loadConfig(join(caseFolder('v51-small'), 'config.json'));
    const heads: Tensors = {
      'score.weight': zeros([4, hiddenSize]),
      'score.bias': zeros([4]),
      'qa_outputs.weight': zeros([2, hiddenSize]),
      'qa_outputs.bias': zeros([2]),
    };
    const classifier = await openCheckpoint(
      await variant('v51-small', (tensors) => ({ ...without(tensors, 'final_layer'), ...heads })),
    );
    expect(classifier.hasHead).toBe(false);
    expect([...classifier.heads.keys()].sort()).toEqual(Object.keys(heads).sort());
    expect([...classifier.tensors.keys()].filter((name) => name in heads)).toEqual([]);
    const both = await openCheckpoint(await variant('v51-small', (tensors) => ({ ...tensors, ...heads })));
    expect(both.hasHead).toBe(true);
  });

  it('finds tokenizer.model beside the weights', async () => {
    const dir = await variant('v51-odd', (tensors) => tensors);
    await writeFile(join(dir, 'tokenizer.model'), '');
    expect((await openCheckpoint(dir)).tokenizerFile).toBe(join(dir, 'tokenizer.model'));
  });

  it('opens shards through their index', async () => {
    const dir = await mkdtemp(join(folder, 'shards-'));
    await copyFile(join(caseFolder('v52-odd'), 'config.json'), join(dir, 'config.json'));
    const all = Object.entries(await tensorsOf('v52-odd'));
    const parts = { 'a.safetensors': all.slice(0, 30), 'b.safetensors': all.slice(30) };
    for (const [file, tensors] of Object.entries(parts)) {
      await writeSafetensors(join(dir, file), Object.fromEntries(tensors));
    }
    const map = Object.entries(parts).flatMap(([file, tensors]) => tensors.map(([name]) => [name, file]));
    const index = JSON.stringify({ weight_map: Object.fromEntries(map) });
    await writeFile(join(dir, 'model.safetensors.index.json'), index);
    expect((await openCheckpoint(dir)).tensors.size).toBe(all.length);
  });
});

describe('refusals', () => {
  it('lists every missing, unexpected, wrongly shaped and wrongly typed tensor at once', async () => {
    const { hiddenSize: D, intermediateSize: F } = await loadConfig(join(caseFolder('v51-small'), 'config.json'));
    const ids: WritableTensor = { dtype: 'I64', shape: [D], data: new BigInt64Array(D) };
    const dir = await variant('v51-small', (tensors) => ({
      ...without(tensors, 'decoder.dec_layers.1.mha1.wq', 'final_layer.bias'),
      'decoder.dec_layers.0.ffn.gluw1.weight': zeros([D, F]),
      'decoder.layernorm1.bias': ids,
      'decoder.dec_layers.2.extra': zeros([3]),
    }));
    const error = await errorOf(() => openCheckpoint(dir));
    expect(error.code).toBe('checkpoint/tensors');
    expect(error.message.split('\n  - ').slice(1).map((line) => line.split('\n')[0])).toEqual([
      `missing: decoder.dec_layers.1.mha1.wq.weight [${D}, ${D}]`,
      `missing: decoder.dec_layers.1.mha1.wq.bias [${D}]`,
      expect.stringMatching(/^missing: final_layer\.bias \[\d+\]$/),
      'unexpected: decoder.dec_layers.2.extra [3]',
      'decoder.layernorm1.bias: expected F32, F16, BF16 or F64, found I64',
      `decoder.dec_layers.0.ffn.gluw1.weight: expected [${F}, ${D}], found [${D}, ${F}]`,
    ]);
  });

  it('asks for the head when nothing stands in its place', async () => {
    const dir = await variant('v51-odd', (tensors) => without(tensors, 'final_layer'));
    expect((await errorOf(() => openCheckpoint(dir))).message).toContain('missing: final_layer.weight');
  });

  it('reports weights of another configuration', async () => {
    const dir = await variant('v51-small', (tensors) => tensors);
    const json = JSON.parse(await readFile(join(dir, 'config.json'), 'utf8'));
    await writeFile(join(dir, 'config.json'), JSON.stringify({ ...json, custom_G_type: 'identity' }));
    const { message } = await errorOf(() => openCheckpoint(dir));
    expect(message).toContain('unexpected: decoder.dec_layers.0.mha1.plgatt_layer.Wlst');
    expect(message).not.toContain('missing');
  });

  it('checks the shapes and the completeness of task heads', async () => {
    const { hiddenSize: D } = await loadConfig(join(caseFolder('v51-odd'), 'config.json'));
    const bad: Tensors = {
      'score.weight': zeros([4, D + 1]),
      'score.bias': zeros([3]),
      'qa_outputs.weight': zeros([3, D]),
    };
    const { message } = await errorOf(async () =>
      openCheckpoint(await variant('v51-odd', (tensors) => ({ ...tensors, ...bad }))),
    );
    expect(message).toContain(`score.weight: expected [4, ${D}], found [4, ${D + 1}]`);
    expect(message).toContain('score.bias: expected [4], found [3]');
    expect(message).toContain(`qa_outputs.weight: expected [2, ${D}], found [3, ${D}]`);
    expect(message).toContain('missing: qa_outputs.bias');
  });

  it('does not judge the shape of a bias whose weight is missing', async () => {
    const dir = await variant('v51-odd', (tensors) => ({ ...tensors, 'score.bias': zeros([3]) }));
    const { message } = await errorOf(() => openCheckpoint(dir));
    expect(message).toContain('missing: score.weight');
    expect(message.match(/\n  - /g)).toHaveLength(1);
  });

  it('checks qa_outputs where there is no score', async () => {
    const { hiddenSize: D } = await loadConfig(join(caseFolder('v51-odd'), 'config.json'));
    const qa: Tensors = { 'qa_outputs.weight': zeros([3, D]), 'qa_outputs.bias': zeros([3]) };
    const dir = await variant('v51-odd', (tensors) => ({ ...tensors, ...qa }));
    const { message } = await errorOf(() => openCheckpoint(dir));
    expect(message).toContain(`qa_outputs.weight: expected [2, ${D}], found [3, ${D}]`);
    expect(message).toContain('qa_outputs.bias: expected [2], found [3]');
  });

  it('says that there are no weights, and what to do with a pickle', async () => {
    const dir = await mkdtemp(join(folder, 'empty-'));
    expect((await errorOf(() => openCheckpoint(dir))).code).toBe('config/missing-file');
    await copyFile(join(caseFolder('v51-odd'), 'config.json'), join(dir, 'config.json'));
    const absent = await errorOf(() => openCheckpoint(dir));
    expect(absent.code).toBe('checkpoint/missing-weights');
    expect(absent.hint).toContain('Finish the download');
    await writeFile(join(dir, 'pytorch_model.bin'), '');
    expect((await errorOf(() => openCheckpoint(dir))).hint).toContain('pytorch_model.bin is a PyTorch pickle');
  });
});
