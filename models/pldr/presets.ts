import type { CustomG, PldrConfig } from './config.ts';

const BASE: PldrConfig = {
  vocabSize: 32000,
  hiddenSize: 896,
  intermediateSize: 2389,
  layers: 5,
  heads: 14,
  headDim: 64,
  hiddenAct: 'silu',
  contextLength: 1024,
  layerNormEps: 1e-6,
  padId: 0,
  bosId: 2,
  eosId: 3,
  ropeTheta: 10000,
  referenceRope: true,
  attentionBias: true,
  gluBias: true,
  finalBias: true,
  residualUnits: 8,
  gluPerUnit: 2,
  metricWidth: 170,
  customG: null,
  cacheFirstG: false,
};

const DEEP = { layers: 7, heads: 12, hiddenSize: 768, intermediateSize: 2048 } as const;

const learned = (metricWidth: number): PldrConfig => ({ ...BASE, metricWidth });
const given = (customG: CustomG): PldrConfig => ({ ...BASE, customG });

/** The models of the paper's Table 1. "DAG" and -1/-2 differ from each other only in how they were trained. */
export const PRESETS = {
  'v51-104M': { ...BASE, ...DEEP },
  'v51-DAG-110M': learned(170),
  'v51-110M-1': learned(170),
  'v51-110M-2': learned(170),
  'v51-110M-3': learned(180),
  'v51-110M-4': learned(181),
  'v51-110M-5': learned(196),
  'v51Gi-99M': { ...BASE, ...DEEP, customG: 'external' },
  'v51Gi-106M': given('external'),
  'v51G-106M-1': given('external'),
  'v51G-106M-2': given('identity'),
  'v51G-106M-3': given('random'),
} as const satisfies Readonly<Record<string, PldrConfig>>;

export type PresetName = keyof typeof PRESETS;

export const isPresetName = (name: string): name is PresetName => Object.hasOwn(PRESETS, name);
