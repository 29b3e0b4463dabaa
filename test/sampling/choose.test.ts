import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampleToken } from '../../runtime/sampling/draw.ts';
import { type ResolvedSampling, resolveSampling } from '../../runtime/sampling/options.ts';
import { runs } from '../support/runs.ts';
import { samplingCases } from './arbitraries.ts';
import { withChooser } from './chooser.ts';

const STREAM = 3;

/** Chooses a token of each row with one chooser, which must forget one before it takes the next. */
function expectReference(rows: readonly Float32Array[], options: ResolvedSampling, seen: readonly number[] = []) {
  return withChooser(options.vocabSize, (choose) => {
    rows.forEach((logits, step) => {
      const place = { stream: STREAM, step };
      expect(choose(logits, options, place, new Set(seen))).toEqual({
        id: sampleToken(logits, options, place, seen), finite: logits.every(Number.isFinite),
      });
    });
  });
}

test('the CPU chooses the token that ranking the whole vocabulary chooses', () => fc.assert(
  fc.asyncProperty(samplingCases(3), fc.boolean(), ({ rows, options, seen }, greedy) =>
    expectReference(rows, { ...options, greedy }, seen[0])),
  runs(200),
));

test('the same token at the ends of what temperatures and penalties may be', () => fc.assert(
  fc.asyncProperty(
    samplingCases(2),
    fc.constantFrom(5e-324, 1e-38, 1, 3, 1e6, 1e300),
    fc.constantFrom(2 ** -100, 1, 2 ** 100),
    fc.boolean(),
    ({ rows, options, seen }, temperature, repetitionPenalty, greedy) =>
      expectReference(rows, { ...options, order: 'hf', temperature, repetitionPenalty, greedy }, seen[0])),
  runs(60),
));

test.each([
  ['nothing but NaN', [Number.NaN, Number.NaN]],
  ['nothing but −∞', [-Infinity, -Infinity, -Infinity]],
  ['an infinite logit beside NaN', [Number.NaN, 1, Infinity, Infinity]],
  ['infinite logits of both signs', [-Infinity, Infinity, 0, Infinity, -Infinity]],
  ['zeros of both signs', [-0, 0, -0]],
  ['the largest and the smallest numbers', [3.4028234663852886e38, -3.4028234663852886e38, 1e-45, 0]],
  ['a single token', [2]],
])('the same token where there is %s', (_, numbers) => fc.assert(
  fc.asyncProperty(samplingCases(1), fc.boolean(), fc.nat(numbers.length), ({ options }, greedy, topK) => {
    const logits = Float32Array.from(numbers);
    const { repetitionPenalty: _r, ...own } = { ...options, greedy, topK };
    return expectReference([logits, logits, logits], resolveSampling(own, logits.length));
  }),
  runs(60),
));

test('the same token where all logits lie so close that one bin holds them', () => fc.assert(
  fc.asyncProperty(samplingCases(1), fc.integer({ min: 2, max: 4000 }), fc.nat(), ({ options }, vocab, salt) => {
    const level = (id: number): number => Math.imul(id ^ salt, 2654435761) >>> 20;
    const logits = Float32Array.from({ length: vocab }, (_, id) => 1 + level(id) * 2 ** -20);
    const topK = Math.min(options.topK, vocab);
    return expectReference([logits, logits], { ...options, repetitionPenalty: 1, topK, vocabSize: vocab });
  }),
  runs(40),
));
