import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseToken } from '../../runtime/cpu/choose.ts';
import { sampleToken } from '../../runtime/sampling/draw.ts';
import { runs } from '../support/runs.ts';
import { samplingCases } from './arbitraries.ts';

test('the CPU chooses the token that ranking the whole vocabulary chooses', () => {
  fc.assert(fc.property(samplingCases(1), fc.nat(50), fc.boolean(), ({ rows, options, seen }, step, greedy) => {
    const [logits] = rows;
    const place = { stream: 3, step };
    const own = { ...options, greedy };
    expect(chooseToken(logits, own, place, seen[0])).toBe(sampleToken(logits, own, place, seen[0]));
  }), runs(400));
});

test.each([
  ['nothing but NaN', [Number.NaN, Number.NaN]],
  ['nothing but −∞', [-Infinity, -Infinity, -Infinity]],
  ['an infinite logit beside NaN', [Number.NaN, 1, Infinity, Infinity]],
  ['zeros of both signs', [-0, 0, -0]],
])('the same token where there is %s', (_, numbers) => {
  fc.assert(fc.property(samplingCases(1), fc.boolean(), fc.nat(9), (drawn, greedy, step) => {
    const logits = Float32Array.from(numbers);
    const options = { ...drawn.options, topK: 1, greedy, vocabSize: logits.length };
    const place = { stream: 0, step };
    expect(chooseToken(logits, options, place, [])).toBe(sampleToken(logits, options, place, []));
  }), runs(30));
});
