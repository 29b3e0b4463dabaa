import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { given, type CacheMode } from '../../../models/pldr/index.ts';
import { runs } from '../../support/runs.ts';
import { difference, expectClose, rowOf } from './close.ts';
import { extend, read, type Reading, type ReadOptions } from '../../../verify/interpreted/reading.ts';
import { models, numbers, randomG, textOf, type SmallModel } from './models.ts';

/** Logits after a prompt and after each further token. */
function logitsOf(
  model: SmallModel,
  prompt: readonly number[],
  more: readonly number[],
  options: ReadOptions,
): readonly Reading['logits'][] {
  const readings = [read(model, { rows: [prompt] }, options)];
  for (const token of more) readings.push(extend(readings[readings.length - 1], [token]));
  return readings.map((r) => r.logits);
}

const texts = fc.record({ prompt: numbers(1, 6), more: numbers(1, 4) });

const G_KEPT: readonly CacheMode[] = ['kv', 'kv+g', 'g'];

describe('the cache modes', () => {
  test('with G supplied, reading a prompt and then its tokens is reading all of it', () => {
    fc.assert(
      fc.property(
        models,
        texts,
        fc.nat(1e6),
        fc.constantFrom<CacheMode>('none', ...G_KEPT),
        (model, text, seed, mode) => {
          const [prompt, more] = [textOf(text.prompt, model.config), textOf(text.more, model.config)];
          const options: ReadOptions = { mode, variant: given, G: randomG(model.config, seed) };
          logitsOf(model, prompt, more, options).forEach((logits, n) => {
            expectClose(logits, read(model, { rows: [[...prompt, ...more.slice(0, n)]] }, options).logits);
          });
        },
      ),
      runs(25),
    );
  });

  test('kv, kv+g and g are one function', () => {
    fc.assert(
      fc.property(models, texts, (model, text) => {
        const [prompt, more] = [textOf(text.prompt, model.config), textOf(text.more, model.config)];
        const [kv, kvg, g] = G_KEPT.map((mode) => logitsOf(model, prompt, more, { mode }));
        kvg.forEach((logits, n) => {
          expectClose(kv[n], logits);
          expectClose(g[n], logits);
        });
      }),
      runs(20),
    );
  });

  test('none makes G anew: its logits are those of the longer prompt, in every mode', () => {
    fc.assert(
      fc.property(models, texts, (model, text) => {
        const [prompt, more] = [textOf(text.prompt, model.config), textOf(text.more, model.config)];
        logitsOf(model, prompt, more, { mode: 'none' }).forEach((logits, n) => {
          for (const mode of G_KEPT)
            expectClose(logits, read(model, { rows: [[...prompt, ...more.slice(0, n)]] }, { mode }).logits);
        });
      }),
      runs(10),
    );
  });

  test("none differs from the others once a token is added: G is not the prompt's", () => {
    const different = fc.sample(fc.tuple(models, texts), { numRuns: 12, seed: 1 }).filter(([model, text]) => {
      const [prompt, more] = [textOf(text.prompt, model.config), textOf(text.more, model.config)];
      const [none, kvg] = (['none', 'kv+g'] as const).map((mode) => logitsOf(model, prompt, more, { mode }));
      return difference(none[1].data, kvg[1].data) > 1e-9;
    });
    // A model whose text is one token long, or whose heads are two channels wide, may give the same G for every text.
    expect(different.length).toBeGreaterThanOrEqual(6);
  });
});

describe('rows of a batch', () => {
  const batches = fc.array(numbers(1, 6), { minLength: 2, maxLength: 3 });

  test('compute what they compute alone, also where their lengths differ', () => {
    fc.assert(
      fc.property(
        models,
        batches,
        numbers(3, 9),
        fc.constantFrom<CacheMode>('none', ...G_KEPT),
        (model, raw, tokens, mode) => {
          const rows = raw.map((r) => textOf(r, model.config));
          const more = [0, 1, 2].map((n) =>
            textOf(
              rows.map((_, r) => tokens[(n + r) % tokens.length]),
              model.config,
            ),
          );
          let together = read(model, { rows }, { mode });
          let alone = rows.map((r) => read(model, { rows: [r] }, { mode }));
          for (const step of [...more, undefined]) {
            alone.forEach((one, r) => expectClose(rowOf(together.logits, r, rows.length), one.logits));
            if (step === undefined) return;
            together = extend(together, step);
            alone = alone.map((one, r) => extend(one, [step[r]]));
          }
        },
      ),
      runs(12),
    );
  });

  test('do not see what their mask leaves out, wherever it stands', () => {
    fc.assert(
      fc.property(
        models,
        fc.array(fc.tuple(fc.nat(1e4), fc.boolean()), { minLength: 2, maxLength: 7 }),
        numbers(2, 4),
        (model, marked, other) => {
          fc.pre(marked.some(([, real]) => real));
          const text = textOf(
            marked.map(([id]) => id),
            model.config,
          );
          const bare = text.filter((_, i) => marked[i][1]);
          const row = textOf(other, model.config);
          const mask = [marked.map(([, real]) => Number(real)), row.map(() => 1)];
          const masked = read(model, { rows: [text, row], mask });
          expectClose(rowOf(masked.logits, 0, 2), read(model, { rows: [bare] }).logits);
          expectClose(rowOf(masked.logits, 1, 2), read(model, { rows: [row] }).logits);
        },
      ),
      runs(12),
    );
  });

  test('without padding are the same under all three conventions', () => {
    fc.assert(
      fc.property(models, numbers(2, 6), (model, raw) => {
        const rows = [textOf(raw, model.config), textOf([...raw].reverse(), model.config)];
        const [exact, eager, sdpa] = (['exact', 'hf-eager', 'hf-sdpa'] as const).map(
          (padding) => read(model, { rows }, { padding }).logits,
        );
        expectClose(eager, exact);
        expectClose(sdpa, exact);
      }),
      runs(8),
    );
  });
});
