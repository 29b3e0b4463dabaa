import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ResolvedSampling, resolveSampling } from '../../runtime/sampling/options.ts';
import { filterLogits, INTEGER } from '../../runtime/sampling/reference.ts';
import { integerWeights, portionOf } from '../../runtime/sampling/weights.ts';
import type { WebGpuDevice } from '../../runtime/webgpu/device.ts';
import { openTestDevice } from '../support/device.ts';
import { samplingCases } from './arbitraries.ts';
import { readFixture } from './fixture.ts';
import { createInspect, type Inspect } from './inspect.ts';
import { expectSandwiched } from './sandwich.ts';

const BATCH = 3;
let device: WebGpuDevice;
let inspect: Inspect;

beforeAll(async () => {
  device = await openTestDevice();
  inspect = createInspect(device, BATCH);
});

afterAll(() => {
  expect(device.takeErrors()).toEqual([]);
  device.close();
});

/** Checks what the GPU keeps and weighs in every row of one batch against the CPU, bit by bit. */
async function expectSame(
  rows: readonly Float32Array[],
  options: ResolvedSampling,
  seen: readonly (readonly number[])[] = [],
): Promise<void> {
  const inspected = await inspect(rows, options, seen);
  rows.forEach((logits, row) => {
    const { kept, masses } = filterLogits(logits, options, seen[row], INTEGER);
    // Only where they differ: to print 40000 equal tokens would take longer than the test.
    expect(kept.flatMap((keep, id) => (inspected[row]?.kept[id] === keep ? [] : [id]))).toEqual([]);
    expect([...masses].flatMap((mass, id) => (inspected[row]?.masses[id] === mass ? [] : [id]))).toEqual([]);
  });
}

describe('the filters on the GPU', () => {
  it('keep and weigh exactly what the integer reference does', async () => {
    await fc.assert(
      fc.asyncProperty(samplingCases(BATCH), ({ rows, options, seen }) => expectSame(rows, options, seen)),
      { numRuns: 50 },
    );
  });

  it('mean what the f64 reference says', async () => {
    await fc.assert(
      fc.asyncProperty(samplingCases(BATCH), async ({ rows, options, seen }) => {
        const inspected = await inspect(rows, options, seen);
        rows.forEach((logits, row) => expectSandwiched(inspected[row]?.kept ?? [], logits, options, seen[row] ?? []));
      }),
      { numRuns: 20 },
    );
  });

  it('keep what the authors keep in every setting of their own numbers', async () => {
    const { logits, settings } = await readFixture();
    for (const { options, authors } of settings) {
      for (let first = 0; first < logits.length; first += BATCH) {
        // The last batch is filled up with the first rows.
        const picked = Array.from({ length: BATCH }, (_, n) => (first + n) % logits.length);
        const rows = picked.map((row) => logits[row] ?? new Float32Array());
        const inspected = await inspect(rows, resolveSampling(options, 40));
        const expected = picked.map((row) => Array.from(authors[row] ?? [], (logit) => logit > -1e9));
        expect(inspected.map(({ kept }) => kept)).toEqual(expected);
      }
    }
  });

  it('draw the bound of top-p at the exact unit of mass', async () => {
    const row = Float32Array.of(0, -1);
    const [first = 0, second = 0] = integerWeights(row, 1);
    // The least p whose part of the mass is more than the first token's, and by less than one unit.
    const bits = Math.floor((first * 2 ** 32) / (first + second)) + 1;
    expect(portionOf(first + second, bits) - first).toBe(0.5);
    for (const [topP, bothKept] of [[bits, true], [bits - 1, false]] as const) {
      const options = resolveSampling({ topP: topP / 2 ** 32, order: 'hf' }, 2);
      await expectSame([row, row, row], options);
      expect(filterLogits(row, options, [], INTEGER).kept).toEqual([true, bothKept]);
    }
  });

  it('order and weigh NaN, infinities, signed zeros and the ends of the f32 range as the reference does', async () => {
    const most = Math.fround(3.4e38);
    const rows = [
      Float32Array.of(0, -0, 1e-30, -1e-30, most, -most, most),
      Float32Array.of(NaN, -Infinity, -most, 5, 5, 4, -0),
      Float32Array.of(Infinity, 1, Infinity, -Infinity, NaN, 0, -0),
    ];
    for (const order of ['authors', 'hf'] as const) {
      for (const options of [{}, { topK: 3 }, { topP: 0.4 }, { topP: 0.7, topK: 2 }, { minP: 0.5 }]) {
        await expectSame(rows, resolveSampling({ ...options, order }, 7), [[0, 4, 5], [2, 3], [0, 1, 4]]);
      }
    }
    const uniform = [-Infinity, NaN, Infinity].map((logit) => new Float32Array(7).fill(logit));
    await expectSame(uniform, resolveSampling({ topP: 0.5 }, 7));
    await expectSame(uniform, resolveSampling({ topP: 0.5, order: 'hf' }, 7));
  });
});
