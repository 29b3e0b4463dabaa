import fc from 'fast-check';
import type { PldrConfig } from '../../../models/pldr/config.ts';
import { initialValues } from '../../../models/pldr/initial-values.ts';
import { parameterShapes } from '../../../models/pldr/parameters.ts';
import { randomStream } from '../../../models/pldr/random-stream.ts';

/** Numbers of every parameter, row by row over `parameterShapes`. */
export type Weights = ReadonlyMap<string, Float64Array>;

export interface SmallModel {
  readonly config: PldrConfig;
  readonly weights: Weights;
  /** How a counter-example shows it. */
  readonly [fc.toStringMethod]?: () => string;
}

export const CONTEXT = 12;

const size = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** Configurations of learned G that the interpreter runs in milliseconds, odd sizes included. */
export const configs: fc.Arbitrary<PldrConfig> = fc
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
  .map((config) => ({ ...config, hiddenSize: config.heads * config.headDim }));

/** A configuration, a seed for its weights, and a text of ids that it knows. */
export const models: fc.Arbitrary<SmallModel> = fc
  .record({ config: configs, seed: fc.nat(1e6) })
  .map(({ config, seed }) => smallModel(config, seed));

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

/** As the authors initialise, but nothing is left constant: biases of 0 and gains of 1 could as well be absent. */
export function smallModel(config: PldrConfig, seed: number): SmallModel {
  const weights = [...parameterShapes(config)].map(
    ([name, shape]) => [name, drawn(name, shape, config, seed)] as const,
  );
  return {
    config,
    weights: new Map(weights),
    [fc.toStringMethod]: () => `smallModel(${JSON.stringify(config)}, ${seed})`,
  };
}

function drawn(name: string, shape: readonly number[], config: PldrConfig, seed: number): Float64Array {
  const out = new Float32Array(shape.reduce((n, s) => n * s, 1));
  const stream = randomStream(seed, name);
  const how = initialValues(name, shape, config, 'authors');
  switch (how.kind) {
    case 'constant':
      stream.fillUniform(out, 0.2);
      return Float64Array.from(out, (x) => Math.fround(how.value + x));
    case 'uniform':
      stream.fillUniform(out, how.bound);
      return Float64Array.from(out);
    case 'normal':
      stream.fillNormal(out, how.deviation);
      return Float64Array.from(out);
    case 'given-g':
      stream.fillNormal(out, 1);
      return Float64Array.from(out);
  }
}

/** A text of `least` to `most` ids of any vocabulary: each is taken modulo its size by `textOf`. */
export const numbers = (least: number, most: number): fc.Arbitrary<readonly number[]> =>
  fc.array(fc.nat(1e4), { minLength: least, maxLength: most });

export const textOf = (raw: readonly number[], { vocabSize }: PldrConfig): readonly number[] =>
  raw.map((n) => n % vocabSize);

/** An operator for every layer and head, of the size of those that models learn. */
export function randomG({ layers, heads, headDim: d }: PldrConfig, seed: number): Float64Array {
  const out = new Float32Array(layers * heads * d * d);
  randomStream(seed, 'G').fillNormal(out, 1);
  return Float64Array.from(out);
}

/** The identity for every layer and head. */
export const identityG = ({ layers, heads, headDim: d }: PldrConfig): Float64Array =>
  Float64Array.from({ length: layers * heads * d * d }, (_, i) => (Math.floor(i / d) % d === i % d ? 1 : 0));
