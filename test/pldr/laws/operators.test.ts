import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { given, identity } from '../../../models/pldr/index.ts';
import { configs } from '../../../verify/arbitraries/configs.ts';
import { models } from '../../../verify/arbitraries/models.ts';
import { scheduledTexts } from '../../../verify/arbitraries/schedules.ts';
import { idsIn } from '../../../verify/arbitraries/texts.ts';
import { read } from '../../../verify/interpreted/reading.ts';
import { runs } from '../../support/runs.ts';
import { difference, expectClose } from './close.ts';
import { identityG } from './given-operators.ts';
import { turnedByHalves } from './permute.ts';
import { lastLogits } from './plain-transformer.ts';
import { readBy } from './read-by.ts';

describe('G as the identity', () => {
  test('is scaled dot-product attention, written without the language', () => {
    fc.assert(
      fc.property(models(), scheduledTexts(), (model, { ids, schedule }) => {
        const text = idsIn(model.config, ids);
        for (const { end, reading } of readBy(model, text, schedule, { variant: identity }))
          expectClose(reading.logits, { data: lastLogits(model, text.slice(0, end)) });
      }),
      runs(40),
    );
  });

  test('is the same whether the graph knows it or is given it', () => {
    fc.assert(
      fc.property(models(), scheduledTexts(), (model, { ids, schedule }) => {
        const text = idsIn(model.config, ids);
        const known = readBy(model, text, schedule, { variant: identity });
        const supplied = readBy(model, text, schedule, { variant: given, G: identityG(model.config) });
        known.forEach(({ reading }, n) => expectClose(supplied[n].reading.logits, reading.logits));
      }),
      runs(20),
    );
  });
});

describe('the two styles of rotation', () => {
  const neighbouring = configs({ referenceRope: true });

  test('are one model under a permutation of channels', () => {
    fc.assert(
      fc.property(models({ configs: neighbouring }), scheduledTexts(), (model, { ids, schedule }) => {
        const text = idsIn(model.config, ids);
        const neighbours = readBy(model, text, schedule);
        const halves = readBy(turnedByHalves(model), text, schedule);
        neighbours.forEach(({ reading }, n) => expectClose(halves[n].reading.logits, reading.logits));
      }),
      runs(30),
    );
  });

  test('differ without it, where a head has more than one pair', () => {
    const wide = models({ configs: neighbouring.filter(({ headDim }) => headDim >= 4), kinds: ['perturbed'] });
    for (const model of fc.sample(wide, { numRuns: 5, seed: 1 })) {
      const rows = [idsIn(model.config, [1, 2, 3, 4, 5])];
      const other = { ...model, config: { ...model.config, referenceRope: false } };
      expect(difference(read(other, { rows }).logits.data, read(model, { rows }).logits.data)).toBeGreaterThan(1e-6);
    }
  });
});
