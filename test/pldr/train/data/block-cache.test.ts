import fc from 'fast-check';
import { expect, it } from 'vitest';
import { blockCache } from '../../../../models/pldr/train/data/block-cache.ts';

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => i);

it('reads are those of the file, at once or one by one, and what was used last is not loaded again', async () => {
  const reads = fc.array(fc.tuple(fc.nat(99), fc.nat(40)), { minLength: 1, maxLength: 20 });
  const sizes = fc.integer({ min: 1, max: 30 });
  await fc.assert(
    fc.asyncProperty(reads, sizes, fc.integer({ min: 1, max: 5 }), fc.boolean(), async (spans, size, capacity, together) => {
      const loads: number[] = [];
      const load = async (block: number): Promise<Uint8Array> => {
        loads.push(block);
        return BYTES.subarray(block * size, (block + 1) * size);
      };
      const cache = blockCache(load, size, capacity);
      const read = async ([from, length]: readonly [number, number]): Promise<void> => {
        const target = new Uint8Array(Math.min(length, 100 - from));
        await cache.read(from, target);
        expect(target).toEqual(BYTES.subarray(from, from + target.length));
      };
      if (together) await Promise.all(spans.map(read));
      else for (const span of spans) await read(span);
      const [from] = spans.at(-1)!;
      await read([from, 1]);
      const before = loads.length;
      await read([from, 1]);
      expect(loads.length).toBe(before);
      if (capacity * size >= 100) expect(new Set(loads).size).toBe(loads.length);
    }),
    { numRuns: 300 },
  );
});

it('a block that could not be loaded is asked for again', async () => {
  let failing = true;
  const load = async (): Promise<Uint8Array> => {
    if (failing) throw new Error('the disk is away');
    return BYTES;
  };
  const cache = blockCache(load, 100, 1);
  await expect(cache.read(0, new Uint8Array(3))).rejects.toThrow('away');
  failing = false;
  const target = new Uint8Array(3);
  await cache.read(5, target);
  expect([...target]).toEqual([5, 6, 7]);
});
