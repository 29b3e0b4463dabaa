import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { sampleToken } from '../../runtime/sampling/draw.ts';
import { resolveSampling, type SamplingOptions } from '../../runtime/sampling/options.ts';
import { EXACT, filterLogits, firstPast, INTEGER } from '../../runtime/sampling/reference.ts';
import { runs } from '../support/runs.ts';
import { samplingCases } from './arbitraries.ts';
import { readFixture, type SamplingFixture } from './fixture.ts';
import { expectSandwiched, massError } from './sandwich.ts';

const VOCAB = 40;
const keptIds = (kept: readonly boolean[]): readonly number[] => kept.flatMap((keep, id) => (keep ? [id] : []));

describe.each([
  ['f64', EXACT],
  ['integer', INTEGER],
] as const)('the reference in %s arithmetic', (_, masses) => {
  let fixture: SamplingFixture;
  beforeAll(async () => {
    fixture = await readFixture();
  });

  it('keeps what the authors keep, ties included, with their probabilities', () => {
    expect(fixture.settings).toHaveLength(14);
    for (const { options, authors, authorsProbs } of fixture.settings) {
      fixture.logits.forEach((logits, row) => {
        const { kept, probs } = filterLogits(logits, resolveSampling(options, VOCAB), [], masses);
        expect(kept).toEqual(Array.from(authors[row] ?? [], (logit) => logit > -1e9));
        expect(Math.max(...probs.map((p, id) => Math.abs(p - (authorsProbs[row]?.[id] ?? NaN))))).toBeLessThan(1e-6);
      });
    }
  });

  it('keeps what Hugging Face keeps; of tokens that tie at the bound as many, the lowest ids', () => {
    const splitGroups: string[] = [];
    for (const [n, { options, huggingFaceKept }] of fixture.settings.entries()) {
      fixture.logits.forEach((logits, row) => {
        const { kept } = filterLogits(logits, resolveSampling({ ...options, order: 'hf' }, VOCAB), [], masses);
        const ours = keptIds(kept);
        const theirs = keptIds(huggingFaceKept[row] ?? []);
        expect(ours).toHaveLength(theirs.length);
        // Which of several equal logits an unstable sort puts first says nothing; ours are the lowest ids.
        const lowest = Math.min(...theirs.map((id) => logits[id] ?? NaN));
        const above = (ids: readonly number[]) => ids.filter((id) => (logits[id] ?? NaN) > lowest);
        const tied = keptIds(Array.from(logits, (logit) => logit === lowest));
        expect(above(ours)).toEqual(above(theirs));
        expect(ours.filter((id) => logits[id] === lowest)).toEqual(tied.slice(0, ours.length - above(ours).length));
        if (ours.length - above(ours).length < tied.length) splitGroups.push(`setting ${n}, row ${row}`);
        else expect(ours).toEqual(theirs);
      });
    }
    // Only in the row of exact ties, and there where top-p splits a group of them.
    expect(splitGroups).toEqual([2, 5, 9, 10, 11].map((n) => `setting ${n}, row 6`));
  });
});

describe('the filters', () => {
  it('always keep a token, and give the kept ones probability 1 in all', () => {
    fc.assert(
      fc.property(samplingCases(1), ({ rows: [logits = new Float32Array()], options, seen: [seen] }) => {
        const { kept, probs } = filterLogits(logits, options, seen);
        expect(kept).toContain(true);
        const terms = kept.filter(Boolean).length;
        // Summed twice, for the division and here, each time with n − 1 roundings; and every quotient is rounded once.
        expect(Math.abs(probs.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThanOrEqual(2 * terms * 2 ** -53);
        expect(probs.every((p, id) => p === 0 || kept[id])).toBe(true);
      }),
      runs(50),
    );
  });

  it('give in integer arithmetic what they give in f64, within the stated error', () => {
    fc.assert(
      fc.property(samplingCases(1), ({ rows: [logits = new Float32Array()], options, seen: [seen = []] }) => {
        const integer = filterLogits(logits, options, seen, INTEGER);
        expectSandwiched(integer.kept, logits, options, seen);
      }),
      runs(50),
    );
  });

  it('leave the probabilities of plain sampling within the stated error', () => {
    fc.assert(
      fc.property(samplingCases(1), ({ rows: [logits = new Float32Array()], options }) => {
        const plain = { ...options, topP: 1, topK: 0, minP: 0 };
        const exact = filterLogits(logits, plain).probs;
        const integer = filterLogits(logits, plain, [], INTEGER).probs;
        const differences = exact.map((p, id) => Math.abs(p - (integer[id] ?? NaN)));
        expect(Math.max(...differences)).toBeLessThanOrEqual(massError(logits, plain));
      }),
      runs(50),
    );
  });
});

describe('repetition penalty and min-p', () => {
  const filter = (logits: readonly number[], options: SamplingOptions, seen: readonly number[] = []) =>
    filterLogits(Float32Array.from(logits), resolveSampling(options, logits.length), seen);

  it('divides positive and multiplies negative logits of seen tokens, once each', () => {
    const { probs } = filter([2, -1, 0.5], { repetitionPenalty: 2 }, [0, 1, 0]);
    const exps = [1, -2, 0.5].map(Math.exp);
    const total = exps.reduce((sum, x) => sum + x, 0);
    exps.forEach((x, id) => expect(probs[id]).toBeCloseTo(x / total, 12));
  });

  it('keeps what is at least minP times as likely as the best', () => {
    const logits = [0, -1, -2, -3];
    expect(filter(logits, { minP: 0.1 }).kept).toEqual([true, true, true, false]);
    expect(filter(logits, { minP: 0.1, temperature: 0.5 }).kept).toEqual([true, true, false, false]);
    expect(filter(logits, { minP: 1 }).kept).toEqual([true, false, false, false]);
  });

  it('takes the lowest id of the best when greedy', () => {
    expect(filter([1, 3, 3, NaN], { greedy: true }).probs).toEqual(Float64Array.of(0, 1, 0, 0));
  });
});

describe('drawing', () => {
  it('goes through the tokens in the order of ids', () => {
    const probs = Float64Array.of(0, 0.25, 0, 0.5, 0.25, 0);
    expect([0, 0.24, 0.25, 0.74, 0.75, 0.999].map((u) => firstPast(probs, u))).toEqual([1, 1, 3, 3, 4, 4]);
  });

  it('gives these tokens for this seed, on every machine and in every version', () => {
    const logits = Float32Array.from({ length: 50 }, (_, id) => Math.fround(3 * Math.cos(id * id)));
    const options = resolveSampling({ seed: 42, topP: 0.9, temperature: 0.8 }, 50);
    const tokens = Array.from({ length: 10 }, (_, step) => sampleToken(logits, options, { stream: 0, step }));
    expect(tokens).toMatchInlineSnapshot(`
      [
        5,
        13,
        0,
        9,
        10,
        37,
        13,
        22,
        27,
        10,
      ]
    `);
  });
});
