import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constantRate, RicciError, warmupCosine, warmupLinear, type Decayed } from '../../dsl/index.ts';
import { FIXTURES } from '../pldr/fixtures.ts';
import { runs } from '../support/runs.ts';

interface Recorded {
  readonly learning_rate: number;
  readonly total_steps: number;
  readonly warmup_steps: number;
  readonly alpha: number;
  readonly steps: readonly number[];
  readonly lr: readonly number[];
}

const RECORDED: readonly Recorded[] = JSON.parse(readFileSync(join(FIXTURES, 'lr_schedule.json'), 'utf8'));

const settings: fc.Arbitrary<Decayed> = fc.record({
  learningRate: fc.double({ min: 1e-6, max: 1, noNaN: true }),
  warmupSteps: fc.nat(50),
  more: fc.nat(200),
  alpha: fc.double({ min: 0, max: 1, noNaN: true }),
}).map(({ more, ...rest }) => ({ ...rest, totalSteps: rest.warmupSteps + more }));

describe('warm-up and cosine', () => {
  test.each(RECORDED)('is the authors\' to the last bit: $learning_rate, $warmup_steps of $total_steps', (r) => {
    const rate = warmupCosine({
      learningRate: r.learning_rate, warmupSteps: r.warmup_steps, totalSteps: r.total_steps, alpha: r.alpha,
    });
    expect(r.steps.map(rate)).toEqual(r.lr);
  });
});

describe.each([['cosine', warmupCosine], ['linear', warmupLinear]] as const)('%s', (_, schedule) => {
  test('rises to the full rate, then falls to its share, and stays there', () => fc.assert(
    fc.property(settings, (s) => {
      const rate = schedule(s);
      const rates = Array.from({ length: s.totalSteps + 20 }, (_unused, step) => rate(step));
      if (s.warmupSteps > 0) expect(rates[0]).toBe(0);
      expect(rates[s.warmupSteps]).toBe(s.learningRate);
      for (let i = 1; i <= s.warmupSteps; i++) expect(rates[i]).toBeGreaterThan(rates[i - 1]);
      const rounding = s.learningRate * 1e-15;
      for (let i = s.warmupSteps + 1; i < rates.length; i++) expect(rates[i]).toBeLessThanOrEqual(rates[i - 1] + rounding);
      const end = s.totalSteps > s.warmupSteps ? s.alpha * s.learningRate : s.learningRate;
      expect(Math.abs(rates[rates.length - 1] - end)).toBeLessThanOrEqual(rounding);
      expect(new Set(rates.slice(s.totalSteps)).size).toBe(1);
    }), runs(100),
  ));

  test('says everything that is wrong at once', () => {
    const wrong = () => schedule({ learningRate: NaN, warmupSteps: 5, totalSteps: 3, alpha: 2 });
    expect(wrong).toThrow(RicciError);
    expect(wrong).toThrow(/NaN.*5 of 3.*alpha is 2/);
  });
});

test('a constant rate may be warmed up to', () => {
  expect([0, 1, 2, 3, 100].map(constantRate(0.5, 2))).toEqual([0, 0.25, 0.5, 0.5, 0.5]);
  expect([0, 7].map(constantRate(0.5))).toEqual([0.5, 0.5]);
});
