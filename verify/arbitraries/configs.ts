import fc from 'fast-check';
import type { PldrConfig } from '../../models/pldr/index.ts';

/** Positions that drawn configurations have room for. */
export const CONTEXT = 12;

const size = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/**
 * Configurations of learned G that the interpreter runs in milliseconds: one or two layers of up to three heads, odd
 * widths, both styles of rotation, with and without biases. Shrinks to one layer with one head of two channels and
 * nothing optional.
 * @param fixed what is not to be drawn; hiddenSize is always heads × headDim
 */
export const configs = (fixed: Partial<PldrConfig> = {}): fc.Arbitrary<PldrConfig> =>
  fc
    .record({
      vocabSize: size(5, 12),
      intermediateSize: size(1, 9),
      layers: size(1, 2),
      heads: size(1, 3),
      headDim: size(1, 5).map((half) => 2 * half),
      hiddenAct: fc.constant('silu' as const),
      contextLength: fc.constant(CONTEXT),
      layerNormEps: fc.constantFrom(1e-6, 1e-5),
      padId: fc.constantFrom(null, 0),
      bosId: fc.constant(2),
      eosId: fc.constant(3),
      ropeTheta: fc.constantFrom(10000, 100),
      referenceRope: fc.boolean(),
      attentionBias: fc.boolean(),
      gluBias: fc.boolean(),
      finalBias: fc.boolean(),
      residualUnits: size(1, 2),
      gluPerUnit: size(1, 2),
      metricWidth: size(1, 7),
      customG: fc.constant(null),
      cacheFirstG: fc.constant(false),
    })
    .map((drawn) => ({ ...drawn, ...fixed }))
    .map((config) => ({ ...config, hiddenSize: config.heads * config.headDim }));

/** One configuration of learned G, the smallest that is no special case; a test says what it needs otherwise. */
export const smallConfig = (changes: Partial<PldrConfig> = {}): PldrConfig => ({
  vocabSize: 11,
  layers: 1,
  heads: 1,
  headDim: 4,
  hiddenSize: 4,
  intermediateSize: 5,
  hiddenAct: 'silu',
  contextLength: CONTEXT,
  layerNormEps: 1e-6,
  padId: 0,
  bosId: 2,
  eosId: 3,
  ropeTheta: 10000,
  referenceRope: true,
  attentionBias: true,
  gluBias: true,
  finalBias: true,
  residualUnits: 1,
  gluPerUnit: 1,
  metricWidth: 3,
  customG: null,
  cacheFirstG: false,
  ...changes,
});
