import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { given, type CacheMode } from '../../../models/pldr/index.ts';
import { models } from '../../../verify/arbitraries/models.ts';
import { promptIn, prompts } from '../../../verify/arbitraries/prompts.ts';
import { CACHE_MODES, scheduledTexts } from '../../../verify/arbitraries/schedules.ts';
import { idsIn, texts } from '../../../verify/arbitraries/texts.ts';
import { extend, read } from '../../../verify/interpreted/reading.ts';
import { runs } from '../../support/runs.ts';
import { difference, expectClose, rowOf } from './close.ts';
import { randomG } from './given-operators.ts';
import { readBy } from './read-by.ts';

const G_KEPT: readonly CacheMode[] = ['kv', 'kv+g', 'g'];

const modes = fc.constantFrom(...CACHE_MODES);

describe('the cache modes', () => {
  test('with G supplied, reading a text in parts is reading all of it', () => {
    fc.assert(
      fc.property(models(), scheduledTexts(), fc.nat(1e6), (model, { ids, schedule }, seed) => {
        const text = idsIn(model.config, ids);
        const options = { variant: given, G: randomG(model.config, seed) };
        for (const { end, reading } of readBy(model, text, schedule, options)) {
          const whole = read(model, { rows: [text.slice(0, end)] }, { ...options, mode: schedule.mode });
          expectClose(reading.logits, whole.logits);
        }
      }),
      runs(40),
    );
  });

  test("kv, kv+g and g are one function of the text and of its prompt's length", () => {
    fc.assert(
      fc.property(models(), scheduledTexts({}, G_KEPT), (model, { ids, schedule }) => {
        const text = idsIn(model.config, ids);
        const singly = Array.from({ length: text.length - schedule.prompt }, () => 1);
        const one = readBy(model, text, { mode: 'kv+g', prompt: schedule.prompt, chunks: singly });
        for (const { end, reading } of readBy(model, text, schedule))
          expectClose(reading.logits, one[end - schedule.prompt].reading.logits);
      }),
      runs(50),
    );
  });

  test('none makes G anew: its logits are those of the longer prompt, in every mode', () => {
    fc.assert(
      fc.property(models(), scheduledTexts({}, ['none']), fc.constantFrom(...G_KEPT), (model, scheduled, mode) => {
        const text = idsIn(model.config, scheduled.ids);
        for (const { end, reading } of readBy(model, text, scheduled.schedule))
          expectClose(reading.logits, read(model, { rows: [text.slice(0, end)] }, { mode }).logits);
      }),
      runs(30),
    );
  });

  test("none differs from the others once a token is added: G is not the prompt's", () => {
    const perturbed = models({ kinds: ['perturbed'] });
    const different = fc.sample(fc.tuple(perturbed, texts({ least: 2 })), { numRuns: 12, seed: 1 }).filter(
      ([model, raw]) => {
        const text = idsIn(model.config, raw);
        const [none, kvg] = (['none', 'kv+g'] as const).map((mode) =>
          extend(read(model, { rows: [text.slice(0, -1)] }, { mode }), text.slice(-1)));
        return difference(none.logits.data, kvg.logits.data) > 1e-9;
      },
    );
    // A model whose text is one token long, or whose heads are two channels wide, may give the same G for every text.
    expect(different.length).toBeGreaterThanOrEqual(6);
  });
});

describe('rows of a batch', () => {
  test('compute what they compute alone, also where their lengths differ', () => {
    fc.assert(
      fc.property(models(), prompts({ masked: false }), texts({ least: 3 }), modes, (model, prompt, next, mode) => {
        const { rows } = promptIn(model.config, prompt);
        const more = [0, 1, 2].map((n) => idsIn(model.config, rows.map((_, r) => next[(n + r) % next.length])));
        let together = read(model, { rows }, { mode });
        let alone = rows.map((r) => read(model, { rows: [r] }, { mode }));
        for (const step of [...more, undefined]) {
          alone.forEach((one, r) => expectClose(rowOf(together.logits, r, rows.length), one.logits));
          if (step === undefined) return;
          together = extend(together, step);
          alone = alone.map((one, r) => extend(one, [step[r]]));
        }
      }),
      runs(20),
    );
  });

  test('do not see what their mask leaves out, wherever it stands', () => {
    fc.assert(
      fc.property(models(), prompts(), (model, raw) => {
        const { rows, mask } = promptIn(model.config, raw);
        const { logits } = read(model, { rows, mask });
        rows.forEach((row, r) => {
          const bare = row.filter((_, i) => mask?.[r][i] !== 0);
          expectClose(rowOf(logits, r, rows.length), read(model, { rows: [bare] }).logits);
        });
      }),
      runs(30),
    );
  });

  test('without padding are the same under all three conventions', () => {
    fc.assert(
      fc.property(models(), texts({ least: 2 }), (model, raw) => {
        const rows = [idsIn(model.config, raw), idsIn(model.config, [...raw].reverse())];
        const [exact, eager, sdpa] = (['exact', 'hf-eager', 'hf-sdpa'] as const).map(
          (padding) => read(model, { rows }, { padding }).logits,
        );
        expectClose(eager, exact);
        expectClose(sdpa, exact);
      }),
      runs(15),
    );
  });
});
