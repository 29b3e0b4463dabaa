import { describe, expect, it } from 'vitest';
import { RicciError } from '../../dsl/errors.ts';
import type { DeviceBuffer } from '../../runtime/memory.ts';
import { resolveSampling } from '../../runtime/sampling/options.ts';
import type { LogitsBinding } from '../../runtime/sampling/sampler.ts';
import type { SamplingStart } from '../../runtime/sampling/start.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { plainSamplers, plainStart, readInts, sampleRepeatedly, uploadLogits, withSampler } from './device.ts';

const VOCAB = 64; // one row of logits is 256 bytes: every step has its own, at an aligned offset
const hot = (id: number): Float32Array => Float32Array.from({ length: VOCAB }, (_, other) => (other === id ? 5 : 0));

/** What an attempt is refused with. */
async function codeOf(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof RicciError) return `${error.code}\n${error.message}`;
  }
  return 'no RicciError';
}

onEveryDevice((device) => {
  const plain = plainSamplers(device);

  describe('the state of a generation', () => {
    /** Runs greedy steps of one row, whose tokens their logits give, and reads the control buffers after each. */
    async function run(tokens: readonly number[], start: SamplingStart) {
      const logits = uploadLogits(device(), tokens.map(hot));
      return withSampler(plain, { batch: 1, vocab: VOCAB, maxSteps: tokens.length }, async (sampler) => {
        sampler.begin(resolveSampling({ greedy: true }, VOCAB), start);
        const states: Record<string, number>[] = [];
        for (const step of tokens.keys()) {
          const own = { buffer: logits, offset: 256 * step, size: 256 };
          device().submit((commands) => commands.sample(sampler, own, step));
          const state: Record<string, number> = {};
          for (const [field, buffer] of Object.entries<DeviceBuffer>({ ...sampler.control })) {
            state[field] = (await readInts(device(), buffer))[0] ?? NaN;
          }
          states.push(state);
        }
        return { states, block: await sampler.readTokens(0, tokens.length) };
      });
    }

    it('holds after each step the token and where it must be placed', async () => {
      const start = plainStart(1, { position: Int32Array.of(5), slot: Int32Array.of(12) });
      const { states, block } = await run([9, 63, 0], start);
      expect(states).toEqual([
        { ids: 9, position: 5, slot: 12, finished: 0 },
        { ids: 63, position: 6, slot: 13, finished: 0 },
        { ids: 0, position: 7, slot: 14, finished: 0 },
      ]);
      expect([...block.ids]).toEqual([9, 63, 0]);
    });

    it('gives each step\'s tokens alone as it gives them together, in any order and again, however many lie unread', async () => {
      const tokens = Array.from({ length: 13 }, (_, i) => (7 * i + 3) % VOCAB);
      const logits = uploadLogits(device(), tokens.map(hot));
      await withSampler(plain, { batch: 1, vocab: VOCAB, maxSteps: tokens.length }, async (sampler) => {
        for (const [turn, order] of [[...tokens.keys()], [...tokens.keys()].reverse()].entries()) {
          sampler.begin(resolveSampling({ greedy: true }, VOCAB), plainStart(1));
          const shown = tokens.map((_, step) => tokens[(step + turn) % tokens.length]);
          for (const step of tokens.keys()) {
            const offset = 256 * ((step + turn) % tokens.length);
            device().submit((commands) => commands.sample(sampler, { buffer: logits, offset, size: 256 }, step));
          }
          const alone = await Promise.all([...order, ...order].map((step) => sampler.readTokens(step, 1)));
          expect(alone.map(({ ids }) => ids[0])).toEqual([...order, ...order].map((step) => shown[step]));
          expect([...(await sampler.readTokens(0, tokens.length)).ids]).toEqual(shown);
        }
      });
    });

    it('ends a row with a stop token and pads it from then on', async () => {
      const stopIds = [50, 51, 52, 53, 54, 55, 56, 3];
      const { states, block } = await run([9, 3, 8, 3, 7], plainStart(1, { stopIds, padId: 2 }));
      expect([...block.ids]).toEqual([9, 3, 2, 2, 2]);
      expect(states.map(({ finished }) => finished)).toEqual([0, 1, 1, 1, 1]);
      expect(states.map(({ ids }) => ids)).toEqual([9, 3, 2, 2, 2]);
      expect(states.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4]);
    });

    it('ends each row for itself, and begins anew', async () => {
      const logits = uploadLogits(device(), [hot(3), hot(4), hot(5), hot(6), hot(3), hot(5)]);
      await withSampler(plain, { batch: 2, vocab: VOCAB, maxSteps: 3 }, async (sampler) => {
        for (const second of [5, 60]) {
          sampler.begin(resolveSampling({ greedy: true }, VOCAB), plainStart(2, { stopIds: [3, second], padId: 1 }));
          device().submit((commands) => {
            for (let step = 0; step < 3; step++) {
              commands.sample(sampler, { buffer: logits, offset: 512 * step, size: 512 }, step);
            }
          });
          const { ids } = await sampler.readTokens(0, 3);
          expect([...ids]).toEqual([3, 4, 1, 6, 1, 5]);
          expect(await readInts(device(), sampler.control.finished, 2)).toEqual(second === 5 ? [1, 1] : [1, 0]);
        }
      });
    });

    it('reads blocks while later steps are submitted', async () => {
      const tokens = Array.from({ length: 12 }, (_, step) => (step * 7) % VOCAB);
      const logits = uploadLogits(device(), tokens.map(hot));
      await withSampler(plain, { batch: 1, vocab: VOCAB, maxSteps: 12 }, async (sampler) => {
        sampler.begin(resolveSampling({ greedy: true }, VOCAB), plainStart(1));
        const blocks = [0, 3, 6, 9].map((from) => {
          device().submit((commands) => {
            for (let step = from; step < from + 3; step++) {
              commands.sample(sampler, { buffer: logits, offset: 256 * step, size: 256 }, step);
            }
          });
          return sampler.readTokens(from, 3);
        });
        expect((await Promise.all(blocks)).flatMap(({ ids }) => [...ids])).toEqual(tokens);
        expect([...(await sampler.readTokens(2, 5)).ids]).toEqual(tokens.slice(2, 7));
      });
    });

    it.each([NaN, Infinity, -Infinity])('flags %s among the logits of a row that has not ended', async (odd) => {
      const rows = [hot(3), hot(4), hot(5)];
      rows[1]?.set([odd], 63);
      for (const options of [{ greedy: true }, { topP: 0.9 }]) {
        const { flags } = await withSampler(plain, { batch: 3, vocab: VOCAB, maxSteps: 2 }, (sampler) =>
          sampleRepeatedly(device(), sampler, rows, options, { steps: 2 }),
        );
        expect([...flags]).toEqual([0, 1, 0, 0, 1, 0]);
      }
      const ended = await withSampler(plain, { batch: 3, vocab: VOCAB, maxSteps: 2 }, (sampler) =>
        sampleRepeatedly(device(), sampler, rows, { greedy: true }, { steps: 2, stopIds: [4, 63] }),
      );
      expect([...ended.flags]).toEqual([0, 1, 0, 0, 0, 0]);
    });
  });

  describe('misuse', () => {
    it('of the layout, the start, the logits and the steps is refused with what was given', async () => {
      const bad = await codeOf(() => device().createSampler({ batch: 0, vocab: 2 ** 23, maxSteps: 0 }));
      expect(bad).toMatch(/^sampling\/invalid-layout/);
      for (const part of ['batch is 0', 'vocab is 8388608', 'maxSteps is 0']) expect(bad).toContain(part);

      await withSampler(plain, { batch: 2, vocab: 64, maxSteps: 4 }, async (sampler) => {
        const buffer = uploadLogits(device(), [new Float32Array(64), new Float32Array(64)]);
        const binding = { buffer, offset: 0, size: 512 };
        const encode = (logits: LogitsBinding, step: number): void =>
          device().submit((commands) => commands.sample(sampler, logits, step));
        expect(await codeOf(() => encode(binding, 0))).toMatch(/^sampling\/not-begun/);

        const stopIds = [64, ...new Array<number>(8).fill(1)];
        const start = { ...plainStart(3), stopIds, padId: -1, seen: [[1], [99]] };
        const refused = await codeOf(() => sampler.begin(resolveSampling({}, 63), start));
        expect(refused).toMatch(/^sampling\/invalid-start/);
        const parts = ['position has 3', 'slot has 3', 'id 64', '9 stop ids', 'padId is -1', 'holds 99', '63 tokens'];
        for (const part of parts) expect(refused).toContain(part);

        sampler.begin(resolveSampling({}, 64), plainStart(2));
        expect(await codeOf(() => encode(binding, 4))).toMatch(/^sampling\/too-many-steps\nStep 4 .* 0 to 3/);
        expect(await codeOf(() => encode({ ...binding, offset: 2 }, 0))).toMatch(/byte 2, .*multiple of/);
        expect(await codeOf(() => encode({ ...binding, offset: 256 }, 0))).toMatch(/end at byte 768 of .* 512/);
        expect(await codeOf(() => encode({ ...binding, size: 256 }, 0))).toMatch(/256 bytes, but .* needs 512/);
        expect(await codeOf(() => sampler.readTokens(2, 3))).toMatch(/^sampling\/no-such-steps\n3 tokens from step 2/);
      });
    });

    it('ends a read under way when the sampler is destroyed', async () => {
      const sampler = await device().createSampler({ batch: 1, vocab: 64, maxSteps: 4 });
      const reading = codeOf(() => sampler.readTokens(0, 4));
      sampler.destroy();
      expect(await reading).toMatch(/^sampling\/read-failed/);
    });
  });
});
