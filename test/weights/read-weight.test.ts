import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { add, axis, parameter } from '../../dsl/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { BufferSet } from '../../runtime/buffers.ts';
import type { Device } from '../../runtime/device.ts';
import { readWeight } from '../../runtime/read-weight.ts';
import { uploadWeights } from '../../runtime/weights.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { runs } from '../support/runs.ts';

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 40 }), entries: fc.integer({ min: 1, max: 70 }), from: fc.nat(), to: fc.nat(),
});

/** A matrix and a vector in one layout, as a program asks for them. */
function layoutFor(device: Device, rows: number, entries: number) {
  const [Row, Entry] = [axis('row', rows), axis('entry', entries)];
  const y = add(parameter('m', [Row, Entry]), parameter('v', [Entry])).node;
  return compile([{ name: 'p', outputs: { y } }], targetOf(device)).layout;
}

onEveryDevice((device) => {
  describe('weights read back', () => {
    test('law: what was loaded, from any entry to any other', () => fc.assert(
      fc.asyncProperty(shapes, async ({ rows, entries, from, to }) => {
        const layout = layoutFor(device(), rows, entries);
        const given: Readonly<Record<string, Float32Array>> = {
          m: Float32Array.from({ length: rows * entries }, (_, i) => i + 1),
          v: Float32Array.from({ length: entries }, (_, i) => -i),
        };
        const buffers = new BufferSet(device());
        await uploadWeights(device(), buffers, layout, (name, at, target) => {
          target.set(given[name].subarray(at, at + target.length));
          return Promise.resolve();
        });
        for (const [name, all] of Object.entries(given)) {
          expect(await readWeight(device(), buffers, layout, name)).toEqual(all);
          const [a, b] = [from % (all.length + 1), to % (all.length + 1)].sort((x, y) => x - y);
          expect(await readWeight(device(), buffers, layout, name, a, b - a)).toEqual(all.slice(a, b));
        }
        buffers.destroy();
      }),
      runs(30),
    ));

    test('it says which weights and entries there are', async () => {
      const layout = layoutFor(device(), 2, 3);
      const buffers = new BufferSet(device());
      await expect(readWeight(device(), buffers, layout, 'w')).rejects.toMatchObject({ code: 'weights/unknown' });
      await expect(readWeight(device(), buffers, layout, 'v', 2, 2)).rejects.toMatchObject({ code: 'weights/range' });
    });
  });
});
