import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../compiler/compile.ts';
import type { ProgramSource } from '../../../compiler/draft.ts';
import { weightRows } from '../../../compiler/passes/split.ts';
import type { PldrConfig } from '../../../models/pldr/config.ts';
import { modelGraph, prefillProgram, rereadProgram, stepProgram } from '../../../models/pldr/index.ts';
import { parameterShapes } from '../../../models/pldr/parameters.ts';
import { runs } from '../../support/runs.ts';
import { configs } from '../../../verify/arbitraries/configs.ts';

/** What makes A out of the density. */
const isMetricLearner = (name: string): boolean => /\.mha1\.(layernorm1|reslayerAs)\./.test(name);

/** What makes G out of A. */
const isPowerLaw = (name: string): boolean => /\.plgatt_layer\./.test(name);

/** Names of the weights that a program's kernels read. */
function readBy(source: ProgramSource): ReadonlySet<string> {
  const {
    programs: [program],
  } = compile([source]);
  return new Set(program.kernels.flatMap((k) => k.cost.parameters).map((p) => weightRows(p).name));
}

const sorted = (names: Iterable<string>): readonly string[] => [...names].sort();

const namesOf = (config: PldrConfig): readonly string[] => [...parameterShapes(config).keys()];

describe('the weights that each program of a learned-G model reads', () => {
  const batches = fc.constantFrom(1, 3);

  test('its first program: all', () => {
    fc.assert(
      fc.property(configs(), batches, (config, batch) => {
        expect(sorted(readBy(prefillProgram(modelGraph(config, { batch }), 'kv+g')))).toEqual(sorted(namesOf(config)));
      }),
      runs(3),
    );
  });

  test('its step with G kept: all but those of the net that makes G', () => {
    fc.assert(
      fc.property(configs(), batches, (config, batch) => {
        const expected = namesOf(config).filter((name) => !isMetricLearner(name) && !isPowerLaw(name));
        expect(sorted(readBy(stepProgram(modelGraph(config, { batch }), 'kv+g')))).toEqual(sorted(expected));
        expect(sorted(readBy(rereadProgram(modelGraph(config, { batch }), 'g')))).toEqual(sorted(expected));
      }),
      runs(3),
    );
  });

  test('its step with A kept: all but the metric learner, which makes A', () => {
    fc.assert(
      fc.property(configs(), batches, (config, batch) => {
        const expected = namesOf(config).filter((name) => !isMetricLearner(name));
        expect(sorted(readBy(stepProgram(modelGraph(config, { batch }), 'kv')))).toEqual(sorted(expected));
      }),
      runs(3),
    );
  });

  test('the step has as many kernels for any depth and width of the net that makes G', () => {
    fc.assert(
      fc.property(configs(), (config) => {
        const kernels = (c: PldrConfig): number =>
          compile([stepProgram(modelGraph(c, { batch: 1 }), 'kv+g')]).programs[0].kernels.length;
        expect(kernels({ ...config, residualUnits: 2, gluPerUnit: 2, metricWidth: 7 })).toBe(
          kernels({ ...config, residualUnits: 1, gluPerUnit: 1, metricWidth: 3 }),
        );
      }),
      runs(3),
    );
  });
});
