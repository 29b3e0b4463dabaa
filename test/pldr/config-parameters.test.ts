import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countParameters } from '../../models/pldr/count-parameters.ts';
import { variantOf } from '../../models/pldr/operator.ts';
import { GIVEN_G, GIVEN_G_STATUS, parameterShapes } from '../../models/pldr/parameters.ts';
import { PRESETS } from '../../models/pldr/presets.ts';
import type { PresetName } from '../../models/pldr/presets.ts';
import { configs, FIXTURES } from './fixtures.ts';

/** The key of param_counts.json (counted by instantiating the authors' classes) for each model of Table 1. */
const COUNTED_AS: Readonly<Record<PresetName, string>> = {
  'v51-104M': 'PLDRv51-104M',
  'v51-DAG-110M': 'PLDRv51-110M-1/2/DAG',
  'v51-110M-1': 'PLDRv51-110M-1/2/DAG',
  'v51-110M-2': 'PLDRv51-110M-1/2/DAG',
  'v51-110M-3': 'PLDRv51-110M-3',
  'v51-110M-4': 'PLDRv51-110M-4',
  'v51-110M-5': 'PLDRv51-110M-5',
  'v51Gi-99M': 'PLDRv51Gi-99M',
  'v51Gi-106M': 'PLDRv51G-106M / Gi-106M',
  'v51G-106M-1': 'PLDRv51G-106M / Gi-106M',
  'v51G-106M-2': 'PLDRv51G-106M / Gi-106M',
  'v51G-106M-3': 'PLDRv51G-106M / Gi-106M',
};

const counts = JSON.parse(readFileSync(join(FIXTURES, 'param_counts.json'), 'utf8'));

describe('parameters', () => {
  it.each(Object.entries(PRESETS))('%s has the number that the authors count', (name, config) => {
    const key = Object.entries(COUNTED_AS).find(([preset]) => preset === name)![1];
    expect(countParameters(config)).toBe(counts[key]);
  });

  it('every count of the authors belongs to a preset', () => {
    expect(new Set(Object.values(COUNTED_AS))).toEqual(new Set(Object.keys(counts)));
  });

  it('law: the closed formula counts exactly the elements of the listed tensors', () => {
    fc.assert(
      fc.property(configs, (config) => {
        const trained = [...parameterShapes(config)].filter(([name]) => name !== GIVEN_G && name !== GIVEN_G_STATUS);
        const elements = trained.map(([, shape]) => shape.reduce((product, size) => product * size, 1));
        expect(elements.reduce((sum, count) => sum + count, 0)).toBe(countParameters(config));
        expect(countParameters(config, variantOf(config))).toBe(countParameters(config));
      }),
    );
  });

  it('law: without a bias flag no linear map has a bias, and layer norms always have one', () => {
    fc.assert(
      fc.property(configs, (config) => {
        const names = [...parameterShapes(config).keys()];
        const owners = (kind: string): readonly string[] =>
          names.filter((name) => name.endsWith(`.${kind}`)).map((name) => name.slice(0, -kind.length - 1));
        const biased = new Set(owners('bias'));
        for (const owner of owners('weight')) {
          const last = owner.split('.').at(-1)!;
          const expected =
            /^layernorm/.test(last) ||
            (/^gluw/.test(last) && config.gluBias) ||
            (/^(wq|wk|wv|dense)$/.test(last) && config.attentionBias) ||
            (last === 'final_layer' && config.finalBias);
          expect([owner, biased.has(owner)]).toEqual([owner, expected]);
        }
      }),
    );
  });
});
