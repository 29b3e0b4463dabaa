import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CACHE_MODES, CONTEXT, scheduledTexts, schedules, type CacheSchedule,
} from '../../../verify/arbitraries/index.ts';
import { runs } from '../../support/runs.ts';
import { smallest } from './smallest.ts';

function expectCuts({ prompt, chunks }: CacheSchedule, length: number): void {
  const parts = [prompt, ...chunks];
  expect(parts.every((n) => Number.isInteger(n) && n >= 1)).toBe(true);
  expect(parts.reduce((n, p) => n + p, 0)).toBe(length);
}

describe('schedules', () => {
  test('cut all of a text into parts', () => {
    const lengths = fc.integer({ min: 1, max: 40 });
    const drawn = lengths.chain((length) => fc.tuple(fc.constant(length), schedules(length)));
    fc.assert(fc.property(drawn, ([length, schedule]) => expectCuts(schedule, length)), runs(200));
    fc.assert(fc.property(scheduledTexts(), ({ ids, schedule }) => expectCuts(schedule, ids.length)), runs(200));
  });

  test('reach every way to cut a text, in every mode', () => {
    const drawn = fc.sample(schedules(4), { numRuns: 1000, seed: 1 });
    const ways = new Set(drawn.map(({ mode, prompt, chunks }) => [mode, prompt, ...chunks].join()));
    expect(ways.size).toBe(CACHE_MODES.length * 2 ** 3);
  });

  test('keep to the modes that are given', () => {
    const modes = new Set(fc.sample(scheduledTexts({}, ['g', 'none']), 100).map(({ schedule }) => schedule.mode));
    expect([...modes].toSorted()).toEqual(['g', 'none']);
  });

  test('fill the context, also token after token', () => {
    const drawn = fc.sample(scheduledTexts(), { numRuns: 300, seed: 1 });
    expect(drawn.filter(({ ids }) => ids.length === CONTEXT).length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...drawn.map(({ schedule }) => schedule.chunks.length))).toBeGreaterThan(6);
  });

  test('shrink to all of a text at once, then to few parts', () => {
    expect(smallest(schedules(7))).toEqual({ mode: 'kv+g', prompt: 7, chunks: [] });
    expect(smallest(scheduledTexts())).toEqual({ ids: [0], schedule: { mode: 'kv+g', prompt: 1, chunks: [] } });
    expect(smallest(scheduledTexts(), ({ schedule }) => schedule.mode === 'g' && schedule.chunks.length > 0))
      .toEqual({ ids: [0, 0], schedule: { mode: 'g', prompt: 1, chunks: [1] } });
  });
});
