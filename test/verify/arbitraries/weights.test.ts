import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../../models/pldr/index.ts';
import { randomCheckpoint } from '../../../models/pldr/init.ts';
import { initialValues } from '../../../models/pldr/initial-values.ts';
import { parameterShapes } from '../../../models/pldr/parameters.ts';
import {
  configs, idsIn, models, scheduledTexts, texts, WEIGHT_KINDS, weightsOf, type DrawnModel, type WeightKind,
} from '../../../verify/arbitraries/index.ts';
import { interpretedModel } from '../../../verify/interpreted/checkpoint.ts';
import { relativeChange } from '../../../verify/numbers.ts';
import { readBy } from '../../pldr/laws/read-by.ts';
import { runs } from '../../support/runs.ts';
import { temporaryFolder } from '../../weights/support.ts';
import { deduced } from './deduced.ts';

const modelsOf = (kind: WeightKind): fc.Arbitrary<DrawnModel> => models({ kinds: [kind] });

/** The entries of each head of a tensor [head, …]. */
const byHead = (data: Float64Array, heads: number): readonly Float64Array[] =>
  Array.from({ length: heads }, (_, h) => data.subarray((h * data.length) / heads, ((h + 1) * data.length) / heads));

describe('weights of every kind', () => {
  test('fill every parameter with numbers of single precision, and the same ones for the same seed', () => {
    fc.assert(fc.property(models(), ({ config, seed, kind, weights }) => {
      const sizes = [...parameterShapes(config)].map(([name, shape]) => [name, shape.reduce((n, s) => n * s, 1)]);
      expect([...weights].map(([name, { length }]) => [name, length])).toEqual(sizes);
      for (const data of weights.values()) expect(data.map(Math.fround)).toEqual(data);
      expect(weightsOf(config, seed, kind)).toEqual(weights);
    }), runs(50));
  });

  test.each(WEIGHT_KINDS)('%s: all that a model computes is finite, in double and in single precision', (kind) => {
    const finite = (x: number): number => {
      if (!Number.isFinite(x)) throw new Error(`the model computes ${x}`);
      return x;
    };
    fc.assert(fc.property(modelsOf(kind), scheduledTexts(), (model, { ids, schedule }) => {
      const text = idsIn(model.config, ids);
      for (const round of [finite, (x: number) => finite(Math.fround(x))]) readBy(model, text, schedule, { round });
    }), runs(15));
  });
});

describe('initial', () => {
  const folder = temporaryFolder();

  test('weights are those of a checkpoint that is written with random weights', async () => {
    await fc.assert(fc.asyncProperty(modelsOf('initial'), async ({ config, seed, weights }) => {
      const dir = join(await mkdtemp(join(folder, 'initial-')), 'model');
      await randomCheckpoint(config, dir, seed, 'F32');
      expect((await interpretedModel(await openCheckpoint(dir))).weights).toEqual(weights);
    }), runs(5));
  });

  test('gains are 1, and biases 0 but for those of wv', () => {
    fc.assert(fc.property(modelsOf('initial'), ({ weights }) => {
      for (const [name, data] of weights) {
        if (/layernorm[12A]\.weight$/.test(name)) expect(new Set(data)).toEqual(new Set([1]));
        if (/bias$|\.ba?lst$/.test(name) && !/\.wv\./.test(name)) expect(new Set(data)).toEqual(new Set([0]));
      }
    }), runs(20));
  });
});

describe('perturbed', () => {
  test('weights are the initial ones but for the constants, each of which is a little off', () => {
    fc.assert(fc.property(modelsOf('perturbed'), ({ config, seed, weights }) => {
      const initial = weightsOf(config, seed, 'initial');
      for (const [name, shape] of parameterShapes(config)) {
        const [own, before] = [weights, initial].map((w) => w.get(name) ?? expect.unreachable(name));
        const isConstant = initialValues(name, shape, config, 'authors').kind === 'constant';
        if (!isConstant) expect(own).toEqual(before);
        else own.forEach((v, i) => {
          expect(v).not.toBe(before[i]);
          expect(Math.abs(v - before[i])).toBeLessThanOrEqual(0.2 * (1 + 2 ** -20));
        });
      }
    }), runs(20));
  });
});

/** How far a model's G moves between two texts: the largest relative change of a layer's. */
function change(model: DrawnModel, pair: readonly (readonly number[])[]): number {
  const [one, other] = pair.map((text) => deduced(model, idsIn(model.config, text)));
  return Math.max(...one.map(({ G }, l) => relativeChange(other[l].G, G)));
}

describe('collapsed', () => {
  test('G of two texts differs by less than one percent', () => {
    fc.assert(fc.property(modelsOf('collapsed'), texts(), texts(), (model, ...pair) => {
      expect(change(model, pair)).toBeLessThan(0.01);
    }), runs(80));
  });

  test('but it differs, and other weights let it differ more', () => {
    const changes = (kind: WeightKind): readonly number[] => {
      const wide = models({ configs: configs({ headDim: 6 }), kinds: [kind] });
      const pairs = fc.tuple(wide, texts({ least: 3 }), texts({ least: 3 }));
      return fc.sample(pairs, { numRuns: 12, seed: 1 }).map(([model, ...pair]) => change(model, pair));
    };
    expect(changes('collapsed').filter((c) => c > 0).length).toBeGreaterThanOrEqual(9);
    expect(changes('perturbed').filter((c) => c > 0.01).length).toBeGreaterThanOrEqual(9);
  });
});

/** 1e-9, up to a rounding to single precision. */
const isOnFloor = (a: number): boolean => Math.abs(a - 1e-9) <= 1e-9 * 2 ** -24;

describe('floor', () => {
  test.each(['floor', 'extreme'] as const)('weights of kind %s put an entry of every A_LM on the floor', (kind) => {
    fc.assert(fc.property(modelsOf(kind), texts(), (model, text) => {
      for (const { A_LM } of deduced(model, idsIn(model.config, text)))
        for (const head of byHead(A_LM, model.config.heads)) expect(head.some(isOnFloor)).toBe(true);
    }), runs(50));
  });

  test('but not all of them, and perturbed weights put none there', () => {
    for (const kind of ['floor', 'perturbed'] as const) {
      const sampled = fc.sample(modelsOf(kind), { numRuns: 20, seed: 1 });
      const share = sampled.flatMap((model) => deduced(model, [1, 2]).map(({ A_LM }) =>
        A_LM.filter(isOnFloor).length / A_LM.length));
      expect(share.filter((s) => (kind === 'floor' ? s > 0 && s < 0.7 : s === 0)).length)
        .toBeGreaterThanOrEqual(0.9 * share.length);
    }
  });
});

describe('extreme', () => {
  test('A_P of every head spans at least nine orders of magnitude, and stays within thirty of 1', () => {
    fc.assert(fc.property(modelsOf('extreme'), texts(), (model, text) => {
      for (const { A_P } of deduced(model, idsIn(model.config, text))) {
        for (const head of byHead(A_P, model.config.heads)) {
          const [least, most] = [Math.min(...head), Math.max(...head)];
          expect(most / least).toBeGreaterThan(1e9);
          expect(least).toBeGreaterThan(1e-30);
          expect(most).toBeLessThan(1e30);
        }
      }
    }), runs(100));
  });

  test('both ends are reached', () => {
    const powers = fc.sample(modelsOf('extreme'), { numRuns: 20, seed: 1 })
      .flatMap((model) => deduced(model, [1, 2]).map(({ A_P }) => A_P));
    expect(powers.filter((A_P) => Math.min(...A_P) < 1e-20).length).toBeGreaterThan(5);
    expect(powers.filter((A_P) => Math.max(...A_P) > 1e20).length).toBeGreaterThan(5);
  });
});
