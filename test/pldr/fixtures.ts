import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { PldrConfig } from '../../models/pldr/config.ts';

export const FIXTURES = fileURLToPath(new URL('../fixtures', import.meta.url));

/** The reference cases: numbers from the model authors' own code. */
export const CASES = readdirSync(join(FIXTURES, 'cases')).sort();

export const caseFolder = (name: string): string => join(FIXTURES, 'cases', name);

const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });

/** Any valid configuration, small enough to write its checkpoint. */
export const configs: fc.Arbitrary<PldrConfig> = fc
  .record({
    vocabSize: fc.integer({ min: 4, max: 40 }),
    intermediateSize: size(20),
    layers: size(3),
    heads: size(3),
    headDim: size(4).map((half) => 2 * half),
    hiddenAct: fc.constant('silu' as const),
    contextLength: size(64),
    layerNormEps: fc.double({ min: 1e-12, max: 1, noNaN: true }),
    padId: fc.constantFrom(null, 0, 1),
    bosId: fc.constantFrom(null, 2),
    eosId: fc.constantFrom(null, 3),
    ropeTheta: fc.double({ min: 1, max: 1e6, noNaN: true }),
    referenceRope: fc.boolean(),
    attentionBias: fc.boolean(),
    gluBias: fc.boolean(),
    finalBias: fc.boolean(),
    residualUnits: size(3),
    gluPerUnit: size(3),
    metricWidth: size(20),
    customG: fc.constantFrom(null, 'identity', 'random', 'external'),
    cacheFirstG: fc.boolean(),
  })
  .map((config) => ({ ...config, hiddenSize: config.heads * config.headDim }));
