import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSharded, readFloats, streamShards, writeSafetensors } from '../../runtime/safetensors/index.ts';
import type { StreamedTensor } from '../../runtime/safetensors/index.ts';
import { errorOf, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const INDEX = 'model.safetensors.index.json';
const fresh = (): Promise<string> => mkdtemp(join(folder, 'set-'));
const one = { dtype: 'F32', shape: [1], data: Float32Array.of(1) } as const;

async function indexed(weightMap: unknown): Promise<string> {
  const dir = await fresh();
  await writeSafetensors(join(dir, 'one.safetensors'), { a: one, b: one });
  await writeSafetensors(join(dir, 'two.safetensors'), { c: one });
  await writeFile(join(dir, INDEX), JSON.stringify({ weight_map: weightMap }));
  return dir;
}

describe('sharded weights', () => {
  it('law: whatever the limit, all tensors come back and no shard of several exceeds it', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 0, max: 60 }), async (counts, limit) => {
        const dir = await fresh();
        const values = counts.map((count, i) => new Float32Array(count).fill(i));
        const tensors = values.map((data, i): StreamedTensor => ({
          name: `t${i}`,
          dtype: 'F32',
          shape: [data.length],
          chunks: () => [new Uint8Array(data.buffer)],
        }));
        await streamShards(dir, tensors, limit, { format: 'pt' });
        const { tensors: found, metadata } = await openSharded(join(dir, INDEX));
        expect([...found.keys()]).toEqual(tensors.map(({ name }) => name));
        expect(metadata).toEqual({ format: 'pt' });
        for (const [i, entry] of [...found.values()].entries()) {
          const target = new Float32Array(counts[i]!);
          await readFloats(entry, 0, target);
          expect(target).toEqual(values[i]);
        }
        const entries = [...found.values()];
        for (const shard of new Set(entries.map(({ file }) => file))) {
          const sizesOfShard = entries.filter(({ file }) => file === shard).map(({ bytes }) => bytes);
          const total = sizesOfShard.reduce((sum, bytes) => sum + bytes, 0);
          expect(sizesOfShard.length === 1 || total <= limit).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('leaves out what the index does not name', async () => {
    const dir = await indexed({ a: 'one.safetensors', c: 'two.safetensors' });
    expect([...(await openSharded(join(dir, INDEX))).tensors.keys()]).toEqual(['a', 'c']);
  });

  it('lists missing shards, damaged shards and missing tensors at once', async () => {
    const [one, two, three] = ['one.safetensors', 'two.safetensors', 'three.safetensors'];
    const dir = await indexed({ a: one, x: one, c: two, y: three });
    await truncate(join(dir, 'two.safetensors'), 5);
    const error = await errorOf(() => openSharded(join(dir, INDEX)));
    expect(error.code).toBe('weights/index');
    expect(error.message).toContain('three.safetensors does not exist');
    expect(error.message).toContain('two.safetensors has 5 bytes');
    expect(error.message).toContain('"x" is not in one.safetensors');
    expect(error.message).not.toContain('"a"');
  });

  it.each([
    ['../one.safetensors', 'points outside the folder'],
    ['/one.safetensors', 'points outside the folder'],
    ['x\\..\\..\\one.safetensors', 'points outside the folder'],
    [3, 'is 3, not a file name'],
  ])('refuses the place %j', async (place, message) => {
    const dir = await indexed({ a: place });
    expect((await errorOf(() => openSharded(join(dir, INDEX)))).message).toContain(message);
  });

  it('refuses an index without weight_map, one that is no JSON, and one that is absent', async () => {
    const dir = await indexed(undefined);
    expect((await errorOf(() => openSharded(join(dir, INDEX)))).message).toContain('weight_map is undefined');
    await writeFile(join(dir, INDEX), '{');
    expect((await errorOf(() => openSharded(join(dir, INDEX)))).code).toBe('weights/not-json');
    await rm(join(dir, INDEX));
    expect((await errorOf(() => openSharded(join(dir, INDEX)))).code).toBe('weights/missing-file');
  });
});
