import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { progressLine, progressLines, secondsLeft } from '../../../../models/pldr/train/log/progress-view.ts';
import type { TrainingView } from '../../../../models/pldr/train/log/progress-view.ts';
import { showDuration } from '../../../../models/pldr/train/log/show-duration.ts';

const number = fc.option(fc.double(), { nil: undefined });
const measured = fc.option(fc.record({ loss: fc.double(), step: fc.nat() }), { nil: undefined });
const views: fc.Arbitrary<TrainingView> = fc.record({
  step: fc.nat(),
  steps: fc.nat(),
  loss: number,
  accuracy: number,
  learningRate: number,
  validation: measured,
  best: measured,
  tokensPerSecond: number,
  partOfRoof: number,
  secondsPerStep: number,
  saved: fc.option(fc.record({ path: fc.string({ unit: 'binary' }), step: fc.nat() }), { nil: undefined }),
});

const SEEN: TrainingView = {
  step: 1200,
  steps: 7000,
  loss: 4.12345,
  accuracy: 0.2361,
  learningRate: 9.5e-4,
  validation: { loss: 4.0068, step: 1200 },
  best: { loss: 3.9352, step: 800 },
  tokensPerSecond: 6612.4,
  partOfRoof: 0.412,
  secondsPerStep: 0.31,
  saved: { path: 'run/step-00001000', step: 1000 },
};
const UNKNOWN: TrainingView = {
  step: 0,
  steps: 10,
  loss: undefined,
  accuracy: undefined,
  learningRate: undefined,
  validation: undefined,
  best: undefined,
  tokensPerSecond: undefined,
  partOfRoof: undefined,
  secondsPerStep: undefined,
  saved: undefined,
};

describe('laws', () => {
  it('whatever is known, there are as many lines, none wider than the terminal, and nothing moves the cursor', () => {
    fc.assert(
      fc.property(views, fc.nat(200), (view, width) => {
        const lines = progressLines(view, width);
        expect(lines.length).toBe(6);
        for (const line of lines) {
          expect([...line].length).toBeLessThanOrEqual(width);
          expect(line).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('the bar fills as steps are made', () => {
    const filled = (step: number): number => progressLines({ ...SEEN, step }, 80)[0]!.split('█').length - 1;
    fc.assert(
      fc.property(fc.nat(7000), fc.nat(7000), (a, b) => {
        expect(filled(Math.min(a, b))).toBeLessThanOrEqual(filled(Math.max(a, b)));
      }),
    );
    expect([filled(0), filled(7000)]).toEqual([0, 40]);
  });

  it('a duration is shown in two units with an error below the smaller one', () => {
    const sizes: Readonly<Record<string, number>> = { d: 86_400, h: 3600, min: 60, s: 1 };
    fc.assert(
      fc.property(fc.nat(10_000_000), (seconds) => {
        const parts = [...showDuration(seconds).matchAll(/(\d+) (d|h|min|s)/g)];
        const shown = parts.reduce((sum, [, count, unit]) => sum + Number(count) * sizes[unit!]!, 0);
        const smallest = sizes[parts.at(-1)![2]!]!;
        const allowed = parts.length === 2 || smallest === 1 ? smallest : smallest / (smallest === 86_400 ? 24 : 60);
        expect(seconds - shown).toBeGreaterThanOrEqual(0);
        expect(seconds - shown).toBeLessThan(allowed);
      }),
    );
  });
});

describe('what is shown', () => {
  it('in a terminal', () => {
    expect(progressLines(SEEN, 80)).toEqual([
      'step 1,200 of 7,000 · 17.1 % ██████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░',
      'loss          4.1235 · accuracy 23.6 %',
      'validation    4.0068 at step 1,200 · best 3.9352 at step 800',
      'learning rate 9.50e-4',
      'speed         6,612 tokens/s · 41.2 % of roof · ETA 29 min 58 s',
      'checkpoint    step 1,000 in run/step-00001000',
    ]);
  });

  it('without one', () => {
    expect(progressLine(SEEN)).toBe(
      'step 1200/7000 · loss 4.1235 · validation 4.0068 · lr 9.50e-4 · ' +
        '6,612 tokens/s · 41.2 % of roof · ETA 29 min 58 s',
    );
    expect(progressLine({ ...SEEN, step: 1201 })).not.toContain('validation');
  });

  it('of what is not known yet', () => {
    expect(progressLines(UNKNOWN, 80).slice(1)).toEqual([
      'loss          – · accuracy –',
      'validation    –',
      'learning rate –',
      'speed         – tokens/s · – of roof · ETA –',
      'checkpoint    –',
    ]);
    expect(secondsLeft({ ...UNKNOWN, secondsPerStep: 2 })).toBe(20);
  });

  it('of durations', () => {
    const shown = [0, 42, 60, 3725, 90_000, Infinity].map(showDuration);
    expect(shown).toEqual(['0 s', '42 s', '1 min', '1 h 2 min', '1 d 1 h', '–']);
  });
});
