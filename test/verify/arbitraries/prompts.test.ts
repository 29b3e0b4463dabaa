import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutPrompt, type Padding, type Prompt } from '../../../models/pldr/index.ts';
import { configs, CONTEXT, idsIn, promptIn, prompts, texts } from '../../../verify/arbitraries/index.ts';
import { runs } from '../../support/runs.ts';
import { smallest } from './smallest.ts';

const isConstant = (xs: readonly number[]): boolean => xs.every((x) => x === xs[0]);

describe('texts', () => {
  test('have as many tokens as were asked for, all below the size that was asked for', () => {
    const asked = fc.record({
      least: fc.nat(4), most: fc.integer({ min: 4, max: 9 }), vocabSize: fc.integer({ min: 1 }),
    });
    fc.assert(fc.property(asked.chain((of) => fc.tuple(fc.constant(of), texts(of))), ([of, ids]) => {
      expect(ids.length).toBeGreaterThanOrEqual(of.least);
      expect(ids.length).toBeLessThanOrEqual(of.most);
      expect(ids.every((id) => Number.isInteger(id) && id >= 0 && id < of.vocabSize)).toBe(true);
    }), runs(300));
  });

  test('are in the vocabulary that they are fitted to', () => {
    fc.assert(fc.property(configs(), texts(), (config, text) => {
      const ids = idsIn(config, text);
      expect(ids).toHaveLength(text.length);
      expect(ids.every((id) => id >= 0 && id < config.vocabSize)).toBe(true);
    }), runs(100));
  });

  test.each<readonly [string, (ids: readonly number[]) => boolean]>([
    ['single tokens', ({ length }) => length === 1],
    ['one token again and again', (ids) => ids.length > 3 && isConstant(ids)],
    ['all the context', ({ length }) => length === CONTEXT],
    ['padding in the middle', (ids) => ids.indexOf(0, 1) > 0],
    ['the end of a text', (ids) => ids.includes(3)],
    ['ids of all sizes', (ids) => Math.min(...ids) < 6 && Math.max(...ids) > 5000],
  ])('%s are among them', (_, isSuch) => {
    const drawn = fc.sample(texts({ most: CONTEXT }), { numRuns: 300, seed: 1 });
    expect(drawn.filter(isSuch).length).toBeGreaterThanOrEqual(5);
  });

  test('shrink to few tokens of small ids', () => {
    expect(smallest(texts())).toEqual([0]);
    expect(smallest(texts(), (ids) => ids.length > 2)).toEqual([0, 0, 0]);
    expect(smallest(texts(), (ids) => ids.some((id) => id >= 77))).toEqual([77]);
  });
});

/** The mask of each row, and 1 everywhere where there is none. */
const masksOf = ({ rows, mask }: Prompt): readonly (readonly number[])[] => mask ?? rows.map((row) => row.map(() => 1));

describe('prompts', () => {
  test('are accepted under every convention of padding', () => {
    const paddings = fc.constantFrom<Padding>('exact', 'hf-eager', 'hf-sdpa');
    fc.assert(fc.property(configs(), prompts({ most: CONTEXT }), paddings, (config, prompt, padding) => {
      const { vocabSize: vocab, contextLength: context } = config;
      const layout = layoutPrompt(promptIn(config, prompt), padding, { vocab, context, padId: config.padId ?? 0 });
      expect(layout.last).toHaveLength(prompt.rows.length);
    }), runs(300));
  });

  test.each<readonly [string, (row: string) => boolean]>([
    ['left', (row) => /^0+1+$/.test(row)],
    ['right', (row) => /^1+0+$/.test(row)],
    ['inner', (row) => /10+1/.test(row)],
    ['no', (row) => /^1+$/.test(row)],
  ])('%s padding is among the rows', (_, isSuch) => {
    const rows = fc.sample(prompts(), { numRuns: 100, seed: 1 }).flatMap(masksOf);
    expect(rows.filter((row) => isSuch(row.join(''))).length).toBeGreaterThanOrEqual(5);
  });

  test('have rows of different lengths, with a mask or without', () => {
    const drawn = fc.sample(prompts(), { numRuns: 100, seed: 1 });
    expect(drawn.filter(({ rows }) => !isConstant(rows.map((r) => r.length))).length).toBeGreaterThanOrEqual(20);
    expect(drawn.filter(({ mask }) => mask === undefined).length).toBeGreaterThanOrEqual(5);
    const bare = fc.sample(prompts({ masked: false }), { numRuns: 100, seed: 1 });
    expect(bare.every(({ mask }) => mask === undefined)).toBe(true);
  });

  test('have rows of the lengths that were asked for', () => {
    fc.assert(fc.property(prompts({ least: 3, most: 5, rows: 2 }), ({ rows }) => {
      expect(rows.length === 1 || rows.length === 2).toBe(true);
      expect(rows.every(({ length }) => length >= 3 && length <= 5)).toBe(true);
    }), runs(100));
  });

  test('shrink to one row without a mask', () => {
    expect(smallest(prompts())).toEqual({ rows: [[0]] });
    const isLeftPadded = ({ mask }: Prompt): boolean => mask?.some(([first]) => first === 0) === true;
    expect(smallest(prompts(), isLeftPadded)).toEqual({ rows: [[0, 0]], mask: [[0, 1]] });
  });
});
