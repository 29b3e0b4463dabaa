import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { given, identity, type CacheMode } from '../../../models/pldr/index.ts';
import { runs } from '../../support/runs.ts';
import { difference, expectClose } from './close.ts';
import { extend, read, type Reading } from '../../../verify/interpreted/reading.ts';
import { identityG, models, numbers, textOf } from './models.ts';
import { turnedByHalves } from './permute.ts';
import { lastLogits } from './plain-transformer.ts';

const modes = fc.constantFrom<CacheMode>('none', 'kv', 'g', 'kv+g');

const steps = (first: Reading, tokens: readonly number[]): readonly Reading[] =>
  tokens.reduce<readonly Reading[]>((done, token) => [...done, extend(done[done.length - 1], [token])], [first]);

describe('G as the identity', () => {
  test('is scaled dot-product attention, written without the language', () => {
    fc.assert(
      fc.property(models, numbers(1, 6), numbers(0, 3), modes, (model, raw, rawMore, mode) => {
        const [prompt, more] = [textOf(raw, model.config), textOf(rawMore, model.config)];
        steps(read(model, { rows: [prompt] }, { mode, variant: identity }), more).forEach(({ logits }, n) => {
          expectClose(logits, { data: lastLogits(model, [...prompt, ...more.slice(0, n)]) });
        });
      }),
      runs(30),
    );
  });

  test('is the same whether the graph knows it or is given it', () => {
    fc.assert(
      fc.property(models, numbers(1, 6), numbers(0, 3), modes, (model, raw, rawMore, mode) => {
        const [prompt, more] = [textOf(raw, model.config), textOf(rawMore, model.config)];
        const known = steps(read(model, { rows: [prompt] }, { mode, variant: identity }), more);
        const supplied = steps(
          read(model, { rows: [prompt] }, { mode, variant: given, G: identityG(model.config) }),
          more,
        );
        known.forEach((one, n) => expectClose(supplied[n].logits, one.logits));
      }),
      runs(15),
    );
  });
});

describe('the two styles of rotation', () => {
  test('are one model under a permutation of channels', () => {
    fc.assert(
      fc.property(
        models.filter((m) => m.config.referenceRope),
        numbers(1, 6),
        numbers(0, 3),
        modes,
        (model, raw, rawMore, mode) => {
          const [prompt, more] = [textOf(raw, model.config), textOf(rawMore, model.config)];
          const neighbours = steps(read(model, { rows: [prompt] }, { mode }), more);
          const halves = steps(read(turnedByHalves(model), { rows: [prompt] }, { mode }), more);
          neighbours.forEach((one, n) => expectClose(halves[n].logits, one.logits));
        },
      ),
      runs(20),
    );
  });

  test('differ without it, where a head has more than one pair', () => {
    const wide = models.filter(({ config }) => config.referenceRope && config.headDim >= 4);
    for (const model of fc.sample(wide, { numRuns: 5, seed: 1 })) {
      const rows = [textOf([1, 2, 3, 4, 5], model.config)];
      const other = { ...model, config: { ...model.config, referenceRope: false } };
      expect(difference(read(other, { rows }).logits.data, read(model, { rows }).logits.data)).toBeGreaterThan(1e-6);
    }
  });
});
