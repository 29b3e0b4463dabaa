import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BufferSet } from '../../runtime/buffers.ts';
import type { ByteRange, DeviceBuffer } from '../../runtime/memory.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { runs } from '../support/runs.ts';

const WORDS = 64;

/** Some words of a buffer, as bytes. */
const ranges: fc.Arbitrary<ByteRange> = fc.tuple(fc.nat(WORDS - 1), fc.nat(WORDS)).map(([from, length]) => (
  { offset: 4 * from, bytes: 4 * Math.min(length, WORDS - from) }
));

const pick = (words: Int32Array, rs: readonly ByteRange[]): readonly number[] =>
  rs.flatMap(({ offset, bytes }) => [...words.subarray(offset / 4, (offset + bytes) / 4)]);

onEveryDevice((device) => {
  const read = async (buffer: DeviceBuffer, wanted: readonly ByteRange[]): Promise<readonly number[]> =>
    [...new Int32Array(await device().read(buffer, wanted))];

  describe("a device's memory", () => {
    test('law: it is zero at first, then what was written last, and is read range after range', async () => {
      const writes = fc.array(fc.tuple(ranges, fc.integer()), { maxLength: 6 });
      await fc.assert(fc.asyncProperty(writes, fc.array(ranges, { maxLength: 9 }), async (written, wanted) => {
        const buffer = device().createBuffer('law', 4 * WORDS);
        const expected = new Int32Array(WORDS);
        const scratch = new Int32Array(WORDS);
        for (const [{ offset, bytes }, value] of written) {
          const data = scratch.subarray(0, bytes / 4).fill(value);
          expected.set(data, offset / 4);
          device().write(buffer, offset, data);
          scratch.fill(-1); // what was given may be changed at once
        }
        expect(await read(buffer, wanted)).toEqual(pick(expected, wanted));
        buffer.destroy();
      }), runs(30));
    });

    test('law: copies happen in their order, after the writes before them', async () => {
      const copies = fc.array(fc.tuple(fc.boolean(), ranges, fc.nat(WORDS - 1)), { maxLength: 6 });
      await fc.assert(fc.asyncProperty(copies, async (asked) => {
        const buffers = [0, 1].map((i) => device().createBuffer(`copy${i}`, 4 * WORDS));
        const expected = [0, 1].map((i) => Int32Array.from({ length: WORDS }, (_, w) => 1000 * i + w));
        buffers.forEach((buffer, i) => device().write(buffer, 0, expected[i]));
        device().submit((commands) => {
          for (const [back, { offset, bytes }, at] of asked) {
            const [from, to] = back ? [1, 0] : [0, 1];
            const fits = Math.min(bytes, 4 * (WORDS - at));
            commands.copy(buffers[from], offset, buffers[to], 4 * at, fits);
            expected[to].set(expected[from].subarray(offset / 4, (offset + fits) / 4), at);
          }
        });
        const whole = [{ offset: 0, bytes: 4 * WORDS }];
        for (const i of [0, 1]) expect(await read(buffers[i], whole)).toEqual([...expected[i]]);
        for (const buffer of buffers) buffer.destroy();
      }), runs(30));
    });

    test('law: a buffer holds what was written to it, whatever is made and freed around it', async () => {
      const steps = fc.array(fc.record({ bytes: fc.nat(2000), freed: fc.option(fc.nat(20)) }), { maxLength: 20 });
      await fc.assert(fc.asyncProperty(steps, async (made) => {
        const held: { readonly buffer: DeviceBuffer; readonly words: Int32Array }[] = [];
        for (const [i, { bytes, freed }] of made.entries()) {
          if (freed !== null) held.splice(freed, 1).forEach(({ buffer }) => buffer.destroy());
          const buffer = device().createBuffer(`held${i}`, bytes);
          const whole = [{ offset: 0, bytes: buffer.bytes }];
          expect((await read(buffer, whole)).every((word) => word === 0)).toBe(true);
          const words = new Int32Array(buffer.bytes / 4).fill(i + 1);
          device().write(buffer, 0, words);
          held.push({ buffer, words });
        }
        for (const { buffer, words } of held) {
          expect(await read(buffer, [{ offset: 0, bytes: buffer.bytes }])).toEqual([...words]);
          buffer.destroy();
        }
      }), runs(20));
    });

    test('is read whole where it is larger than what one mapping takes', async () => {
      const count = 3 * (1 << 21) + 5; // 24 MiB and a little
      const data = Int32Array.from({ length: count }, (_, i) => Math.imul(i, 2654435761));
      const buffer = device().createBuffer('large', 4 * count);
      device().write(buffer, 0, data);
      const half = 4 * (count >> 1);
      const parts = [{ offset: half, bytes: 4 * count - half }, { offset: 0, bytes: 4 }, { offset: 0, bytes: half }];
      const got = new Int32Array(await device().read(buffer, parts));
      const expected = Int32Array.from([...data.subarray(half / 4), data[0], ...data.subarray(0, half / 4)]);
      expect(Buffer.compare(Buffer.from(got.buffer), Buffer.from(expected.buffer))).toBe(0);
      buffer.destroy();
    });

    test('is refused, and not an error of anyone, where there is not so much', async () => {
      expect(await device().tryCreateBuffer('endless', 2 ** 52)).toBeUndefined();
      const made = await device().tryCreateBuffer('small', 10);
      expect(made?.label).toBe('small');
      expect(made?.bytes).toBeGreaterThanOrEqual(12); // whole words
      made?.destroy();
    });
  });

  describe('a set of buffers', () => {
    test('keeps a buffer that is large enough, and makes a larger one where it is not', () => {
      const set = new BufferSet(device());
      const first = set.ensure('input:x', 100);
      expect(set.ensure('input:x', 40)).toBe(first);
      const second = set.ensure('input:x', first.bytes + 100);
      expect(second.bytes).toBeGreaterThanOrEqual(first.bytes + 100);
      expect(set.get('input:x')).toBe(second);
      set.destroy();
      expect(() => set.get('input:x')).toThrow('No buffer was made for "input:x".');
    });

    test('frees what it made, and not what was lent to it', async () => {
      const owner = new BufferSet(device());
      const buffer = owner.ensure('weights:w', 8);
      const other = owner.share('weights:');
      expect(other.get('weights:w')).toBe(buffer);
      expect(other.ensure('weights:w', buffer.bytes + 8)).not.toBe(buffer); // its own from here on
      other.destroy();
      device().write(buffer, 0, Int32Array.of(3, 4));
      expect(await read(buffer, [{ offset: 0, bytes: 8 }])).toEqual([3, 4]);
      owner.destroy();
    });
  });
});
