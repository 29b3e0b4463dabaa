import { mkdtempSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { averageCheckpoints } from '../../models/pldr/average-checkpoints.ts';
import { openCheckpoint } from '../../models/pldr/checkpoint.ts';
import { randomCheckpoint } from '../../models/pldr/init.ts';
import { readFloats } from '../../runtime/safetensors/reader.ts';
import { smallConfig } from '../../verify/arbitraries/index.ts';
import { errorOf, temporaryFolder } from '../weights/support.ts';

const folder = temporaryFolder();
const CONFIG = smallConfig({ layers: 1 });
const fresh = (): string => mkdtempSync(join(folder, 'checkpoint-'));

async function checkpoint(seed: number, config = CONFIG): Promise<string> {
  const dir = fresh();
  await randomCheckpoint(config, dir, seed, 'F32');
  return dir;
}

async function weightsIn(dir: string): Promise<ReadonlyMap<string, Float32Array>> {
  const { tensors } = await openCheckpoint(dir);
  return new Map(await Promise.all([...tensors].map(async ([name, entry]) => {
    const values = new Float32Array(entry.shape.reduce((n, s) => n * s, 1));
    await readFloats(entry, 0, values);
    return [name, values] as const;
  })));
}

const averaged = async (...folders: readonly string[]): Promise<ReadonlyMap<string, Float32Array>> => {
  const out = join(fresh(), 'mean');
  await averageCheckpoints(folders, out);
  return weightsIn(out);
};

let a: string;
let b: string;
let c: string;
beforeAll(async () => { [a, b, c] = await Promise.all([1, 2, 3].map((seed) => checkpoint(seed))); });

test('law: the mean of a checkpoint and itself is the checkpoint, bit for bit', async () => {
  expect(await averaged(a, a, a)).toEqual(await weightsIn(a));
});

test('law: each weight is the mean of the weights', async () => {
  const [mean, ...all] = [await averaged(a, b, c), await weightsIn(a), await weightsIn(b), await weightsIn(c)];
  for (const [name, values] of mean) {
    const parts = all.map((weights) => weights.get(name) ?? new Float32Array());
    const sumAt = (i: number): number => parts.reduce((sum, part) => sum + part[i], 0);
    expect([...values], name).toEqual(Array.from(values, (_, i) => Math.fround(sumAt(i) / 3)));
  }
});

test('checkpoints of other models are named, as is a folder that has one already, and one alone is no mean', async () => {
  const other = await checkpoint(1, smallConfig({ layers: 2 }));
  const differs = await errorOf(() => averageCheckpoints([a, b, other], fresh()));
  expect(differs).toMatchObject({ code: 'average/other-model' });
  expect(differs.message).toContain(other);
  expect(await errorOf(() => averageCheckpoints([a, b], c))).toMatchObject({ code: 'average/exists' });
  expect(await errorOf(() => averageCheckpoints([a], fresh()))).toMatchObject({ code: 'average/too-few' });
});

test('the tokenizer is the first one\'s, and the configuration says f32', async () => {
  const dir = await checkpoint(4);
  await writeFile(join(dir, 'tokenizer.model'), 'pieces');
  const out = fresh();
  await averageCheckpoints([dir, a], out);
  expect(await readFile(join(out, 'tokenizer.model'), 'utf8')).toBe('pieces');
  expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8'))).toMatchObject({ torch_dtype: 'float32' });
});
