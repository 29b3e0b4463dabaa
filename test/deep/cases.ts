import fc from 'fast-check';
import type { Environment } from '../../compiler/interpret/interpret.ts';
import { WEIGHT_STORAGES } from '../../dsl/node.ts';
import type { Device } from '../../runtime/device.ts';
import {
  configs, fusible, graphs, longGraphs, prompts, scheduledTexts, WEIGHT_KINDS,
} from '../../verify/arbitraries/index.ts';
import type { GraphReplay, ModelReplay } from './replay-file.ts';
import { schedulesFor } from './schedule.ts';

const storages = fc.array(fc.constantFrom(...WEIGHT_STORAGES), { minLength: 1 });

const byName = <T>(env: Environment, list: readonly T[]): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.keys(env.parameters ?? {}).map((name, i) => [name, list[i % list.length]]));

/** Random graphs with random schedules and storages. */
export const graphReplays = (device: Device['kind']): fc.Arbitrary<GraphReplay> => fc.record({
  graph: fc.oneof(
    { weight: 6, arbitrary: graphs }, { weight: 6, arbitrary: fusible }, { weight: 2, arbitrary: longGraphs },
  ),
  schedule: schedulesFor(device), storages,
}).map(({ graph: { outputs, env }, schedule, storages: list }): GraphReplay =>
  ({ kind: 'graph', device, outputs, env, storages: byName(env, list), schedule, states: {} }));

/** Random configurations of small models with weights of all kinds, texts for them, and ways to read them. */
export const modelReplays: fc.Arbitrary<ModelReplay> = fc.record({
  config: configs(), weights: fc.constantFrom(...WEIGHT_KINDS), seed: fc.nat(1e6),
  prompt: prompts({ masked: false }), later: scheduledTexts({ most: 4 }),
}).map(({ prompt: { rows }, later: { ids, schedule: { mode, prompt, chunks } }, ...model }): ModelReplay =>
  ({ kind: 'model', ...model, rows, more: ids, mode, chunks: [prompt, ...chunks] }));
