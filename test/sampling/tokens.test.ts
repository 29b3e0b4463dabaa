import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleToken } from '../../runtime/sampling/draw.ts';
import { type ResolvedSampling, resolveSampling, type SamplingOptions } from '../../runtime/sampling/options.ts';
import { filterLogits } from '../../runtime/sampling/reference.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { samplingCases } from './arbitraries.ts';
import { plainSamplers, type Rows, sampleRepeatedly, withSampler } from './device.ts';

const BATCH = 3;

/** Row-major [steps, B] to one list of tokens per row. */
const tokensByRow = (ids: Int32Array, batch: number): readonly (readonly number[])[] =>
  Array.from({ length: batch }, (_, row) => [...ids].filter((_, index) => index % batch === row));

/** What the reference generates from logits that stay the same, while the penalty sees its own tokens. */
function generated(logits: Float32Array, options: ResolvedSampling, run: ReferenceRun): readonly number[] {
  const seen = [...run.prompt];
  for (let step = 0; step < run.steps; step++) {
    seen.push(sampleToken(logits, options, { stream: run.stream, step }, seen));
  }
  return seen.slice(run.prompt.length);
}

interface ReferenceRun {
  readonly stream: number;
  readonly steps: number;
  readonly prompt: readonly number[];
}

onEveryDevice((device) => {
  const plain = plainSamplers(device);

  describe('the tokens', () => {
    it('are those of the reference for every input, with penalties on prompt and text', async () => {
      const steps = 4;
      const property = fc.asyncProperty(samplingCases(BATCH), fc.boolean(), async (drawn, greedy) => {
        const { rows, seen } = drawn;
        const options = { ...drawn.options, greedy };
        const layout = { batch: BATCH, vocab: options.vocabSize, maxSteps: steps };
        await withSampler(plain, layout, async (sampler) => {
          const { ids } = await sampleRepeatedly(device(), sampler, rows, options, { steps, seen });
          const expected = rows.map((logits, row) =>
            generated(logits, options, { stream: row, steps, prompt: seen[row] ?? [] }),
          );
          expect(tokensByRow(ids, BATCH)).toEqual(expected);
        });
      });
      await fc.assert(property, { numRuns: 25 });
    });

    it.each([
      ['all over the vocabulary', Float32Array.from({ length: 700 }, (_, id) => (id * id) % 3)],
      ['among neighbours', Float32Array.from({ length: 5120 }, (_, id) => (id < 20 ? id % 2 : -30))],
    ])('are those of the reference where top-p splits a group of ties %s', async (_, logits) => {
      const steps = 100;
      const vocab = logits.length;
      for (const topP of [0.3, 0.85, 0.95]) {
        const options = resolveSampling({ topP, order: 'hf', seed: 8 }, vocab);
        const { kept } = filterLogits(logits, options);
        const lowest = Math.min(...logits.filter((__, id) => kept[id]));
        expect(kept.some((keep, id) => !keep && logits[id] === lowest)).toBe(true);
        const { ids } = await withSampler(plain, { batch: 1, vocab, maxSteps: steps }, (sampler) =>
          sampleRepeatedly(device(), sampler, [logits], options, { steps }),
        );
        expect([...ids]).toEqual(generated(logits, options, { stream: 0, steps, prompt: [] }));
      }
    });

    it('do not depend on the batch, and repeat with the seed', async () => {
      const property = fc.asyncProperty(samplingCases(BATCH), async ({ rows, options, seen }) => {
        const vocab = options.vocabSize;
        const sample = (some: Rows, streams: readonly number[], someSeen: readonly (readonly number[])[]) =>
          withSampler(plain, { batch: some.length, vocab, maxSteps: 3 }, (sampler) => {
            const start = { steps: 3, streams: Uint32Array.from(streams), seen: someSeen };
            return sampleRepeatedly(device(), sampler, some, options, start);
          });
        const together = await sample(rows, [4, 5, 6], seen);
        expect(await sample(rows, [4, 5, 6], seen)).toEqual(together);
        for (const [row, logits] of rows.entries()) {
          const alone = await sample([logits], [4 + row], [seen[row] ?? []]);
          expect([...alone.ids]).toEqual(tokensByRow(together.ids, BATCH)[row]);
        }
      });
      await fc.assert(property, { numRuns: 8 });
    });

    it.each<SamplingOptions>([
      { seed: 1 },
      { seed: 2, temperature: 0.6, topP: 0.9 },
      { seed: 3, temperature: 1.7, topK: 7, topP: 0.95, minP: 0.02, order: 'hf' },
    ])('are distributed as the f64 reference says: %j', async (options) => {
      const steps = 4000;
      const logits = Float32Array.from({ length: 11 }, (_, id) => Math.fround(2 * Math.sin(id * id)));
      const { ids } = await withSampler(plain, { batch: BATCH, vocab: 11, maxSteps: steps }, (sampler) =>
        sampleRepeatedly(device(), sampler, [logits, logits, logits], options, { steps }),
      );
      const { probs, kept } = filterLogits(logits, resolveSampling(options, 11));
      const counts = Array.from(probs, (_, id) => ids.filter((token) => token === id).length);
      expect(counts.every((count, id) => count === 0 || kept[id])).toBe(true);
      const draws = probs.map((p) => p * BATCH * steps);
      const chiSquare = counts.reduce((sum, count, id) => {
        const expected = draws[id] ?? NaN;
        return kept[id] ? sum + (count - expected) ** 2 / expected : sum;
      }, 0);
      const freedom = kept.filter(Boolean).length - 1;
      // 3 standard deviations above the mean: exceeded by chance about once in 200 seeds.
      expect(chiSquare).toBeLessThan(freedom + 3 * Math.sqrt(2 * freedom));
      expect(chiSquare).toBeGreaterThan(0);
    });

    it('are those of the reference where the device may use subgroups, and in a vocabulary of 262143', async () => {
      const vocab = 262_143;
      const logits = Float32Array.from({ length: vocab }, (_, id) => Math.fround(9 * Math.sin(id * id)));
      for (const given of [{ greedy: true }, { topP: 0.7, topK: 200_000, order: 'hf' as const }]) {
        const { ids } = await withSampler(device(), { batch: 1, vocab, maxSteps: 1 }, (sampler) =>
          sampleRepeatedly(device(), sampler, [logits], given, { steps: 1 }),
        );
        const options = resolveSampling(given, vocab);
        expect([...ids]).toEqual(generated(logits, options, { stream: 0, steps: 1, prompt: [] }));
      }
    });
  });
});
