import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RicciError } from '../../dsl/errors.ts';
import { resolveSampling, type SamplingOptions } from '../../runtime/sampling/options.ts';

function refusal(options: SamplingOptions, vocab = 100): RicciError {
  try {
    resolveSampling(options, vocab);
  } catch (error) {
    if (error instanceof RicciError) return error;
  }
  throw new Error(`The options ${JSON.stringify(options)} were accepted.`);
}

describe('resolveSampling', () => {
  it('defaults to plain sampling in the authors\' order', () => {
    expect(resolveSampling({}, 100)).toEqual({
      temperature: 1,
      topP: 1,
      topK: 0,
      minP: 0,
      repetitionPenalty: 1,
      seed: 0,
      greedy: false,
      order: 'authors',
      vocabSize: 100,
    });
  });

  it('lists every problem at once, with the values', () => {
    const wrong = { temperature: 0, topP: 0, topK: 1.5, minP: 2, repetitionPenalty: -1, seed: -1 };
    const error = refusal(wrong);
    expect(error.code).toBe('sampling/invalid-options');
    for (const [name, value] of Object.entries(wrong)) expect(error.message).toContain(`${name} is ${value}`);
    expect(error.message.match(/^ {2}- /gm)).toHaveLength(6);
  });

  it('refuses NaN and infinities in every number', () => {
    const names = ['temperature', 'topP', 'topK', 'minP', 'repetitionPenalty', 'seed'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.constantFrom(NaN, Infinity, -Infinity), (name, value) => {
        for (const order of ['authors', 'hf'] as const) {
          expect(refusal({ order, [name]: value }).message).toContain(`${name} is ${value}`);
        }
      }),
    );
  });

  it('allows a temperature above 1 in the hf order alone, and says so', () => {
    expect(resolveSampling({ temperature: 1.5, order: 'hf' }, 100).temperature).toBe(1.5);
    expect(refusal({ temperature: 1.5 }).message).toMatch(/temperature is 1\.5, .*order "hf"/);
    expect(refusal({ temperature: 0, order: 'hf' }).message).toContain('greedy');
  });

  it('refuses a topK above the vocabulary in the authors\' order and lowers it in hf\'s', () => {
    expect(refusal({ topK: 101 }).message).toContain('the vocabulary has only 100 tokens');
    expect(resolveSampling({ topK: 101, order: 'hf' }, 100).topK).toBe(100);
    expect(resolveSampling({ topK: 100 }, 100).topK).toBe(100);
  });

  it('keeps every valid option as it is', () => {
    const valid = fc.record({
      temperature: fc.double({ min: 1e-6, max: 1, noNaN: true }),
      topP: fc.double({ min: 1e-9, max: 1, noNaN: true }),
      topK: fc.integer({ min: 0, max: 100 }),
      minP: fc.double({ min: 0, max: 1, noNaN: true }),
      repetitionPenalty: fc.double({ min: 0.01, max: 100, noNaN: true }),
      seed: fc.integer({ min: 0, max: 0xffff_ffff }),
      greedy: fc.boolean(),
      order: fc.constantFrom('authors' as const, 'hf' as const),
    });
    fc.assert(
      fc.property(valid, (options) => {
        expect(resolveSampling(options, 100)).toEqual({ ...options, vocabSize: 100 });
      }),
    );
  });
});
