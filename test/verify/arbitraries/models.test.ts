import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../models/pldr/config.ts';
import { configJson } from '../../../models/pldr/config-json.ts';
import { arbitraries, extend, read } from '../../../verify/index.ts';
import { runs } from '../../support/runs.ts';
import { smallest } from './smallest.ts';

const { configs, drawnModel, idsIn, models, smallConfig, texts, WEIGHT_KINDS } = arbitraries;

describe('configurations', () => {
  test('are what a config.json can say', () => {
    fc.assert(fc.property(configs(), (config) => {
      expect(parseConfig(configJson(config, 'float32'))).toEqual(config);
    }), runs(200));
    expect(parseConfig(configJson(smallConfig(), 'float32'))).toEqual(smallConfig());
  });

  test('keep what is fixed, and fit the hidden size to it', () => {
    fc.assert(fc.property(configs({ heads: 5, layers: 3, referenceRope: true }), (config) => {
      expect(config).toMatchObject({ heads: 5, layers: 3, referenceRope: true, hiddenSize: 5 * config.headDim });
    }), runs(50));
  });
});

describe('models', () => {
  test('have weights of all kinds, or of those that are given', () => {
    const kinds = new Set(fc.sample(models(), { numRuns: 100, seed: 1 }).map((m) => m.kind));
    expect([...kinds].toSorted()).toEqual([...WEIGHT_KINDS].toSorted());
    expect(fc.sample(models({ kinds: ['floor'] }), 20).every((m) => m.kind === 'floor')).toBe(true);
  });

  test('shrink to one layer and one head, as it is initialised', () => {
    expect(smallest(models())).toMatchObject({
      kind: 'initial', seed: 0,
      config: { layers: 1, heads: 1, headDim: 2, vocabSize: 5, attentionBias: false, residualUnits: 1 },
    });
    expect(smallest(models(), (m) => m.kind === 'extreme' && m.config.heads > 1))
      .toMatchObject({ config: { layers: 1, heads: 2, headDim: 2 } });
  });

  test('are printed as the call that makes them again', () => {
    expect(fc.stringify(drawnModel(smallConfig(), 7, 'floor')))
      .toMatch(/^drawnModel\(\{"vocabSize":11,.*\}, 7, 'floor'\)$/);
  });

  test('serve a law as the documentation shows it', () => {
    fc.assert(fc.property(models({ kinds: ['perturbed', 'floor'] }), texts(), (model, text) => {
      const [first, ...more] = idsIn(model.config, text);
      const [g, a] = (['kv+g', 'kv'] as const).map((mode) =>
        more.reduce((r, id) => extend(r, [id]), read(model, { rows: [[first]] }, { mode })));
      expect(g.logits.data).toEqual(a.logits.data);
    }), runs(20));
  });
});
