import { compile } from '../../../compiler/compile.ts';
import type { ProgramSource } from '../../../compiler/draft.ts';
import type { Target } from '../../../compiler/target.ts';
import { encode } from '../../../compiler/encode.ts';
import type { Program, WeightLayout } from '../../../compiler/program.ts';
import { contractionFlops, type KnownSizes } from '../../../dsl/contraction-flops.ts';
import type { Node } from '../../../dsl/node.ts';
import { bufferBytes } from '../../../runtime/buffers.ts';
import type { PldrConfig } from '../config.ts';
import { isSum } from './accumulation.ts';
import { momentOf, trainingPrograms, type TrainingGraphOptions } from './training-graph.ts';

/** Bytes that a training takes on a device, besides its code and a few numbers. */
export interface TrainingMemory {
  readonly parameters: number;
  /** Two numbers for each parameter. */
  readonly moments: number;
  /** Sums of gradients, where an update may be made of several batches. */
  readonly sums: number;
  /**
   * What a step makes on its way and forgets: activations, and gradients until their parameter is updated. One block,
   * in which values lie in turns.
   */
  readonly activations: number;
  /** Batches and results. */
  readonly values: number;
  readonly total: number;
}

/** A training's programs for a device, and where its weights lie. */
export interface TrainingPlan {
  readonly train: Program;
  readonly update: Program | undefined;
  readonly evaluate: Program;
  readonly layout: WeightLayout;
  readonly trained: readonly string[];
  /** Bytes of each buffer beside the weights, by its key. */
  readonly buffers: ReadonlyMap<string, number>;
  readonly memory: TrainingMemory;
  /** Operations of the contractions of a batch's gradients; a product and a sum are two. */
  readonly flops: (sizes: KnownSizes) => number;
}

/** Compiles a training's programs; no device is needed. */
export function planTraining(config: PldrConfig, options: TrainingGraphOptions, target: Target): TrainingPlan {
  const { train, update, evaluate, trained } = trainingPrograms(config, options);
  const sources = [train, evaluate, ...(update === undefined ? [] : [update])].map((s) => within(s, options.memory));
  const { programs, layout } = compile(sources, target, undefined, () => 'f32');
  const encoded = programs.map(encode);
  const buffers = bufferBytes(encoded);
  return {
    train: encoded[0], evaluate: encoded[1], update: encoded.at(2), layout, trained, buffers,
    memory: memoryOf(layout, buffers), flops: (sizes) => contractionFlops(rootsOf(train), sizes),
  };
}

const within = (source: ProgramSource, memory: number | undefined): ProgramSource =>
  (memory === undefined ? source : { ...source, memory });

const rootsOf = ({ outputs, updates }: ProgramSource): readonly Node[] =>
  [...Object.values(outputs), ...updates?.values() ?? []];

function memoryOf(layout: WeightLayout, buffers: ReadonlyMap<string, number>): TrainingMemory {
  const bytesOf = (fits: (weight: string) => boolean): number =>
    Object.entries(layout.weights).reduce((n, [name, { bytes }]) => n + (fits(name) ? bytes : 0), 0);
  const moments = bytesOf((name) => momentOf(name) !== undefined);
  const sums = bytesOf(isSum);
  const weights = layout.buffers.reduce((n, { bytes }) => n + bytes, 0);
  const all = [...buffers.values()].reduce((n, bytes) => n + bytes, 0);
  const activations = buffers.get('arena:arena') ?? 0;
  // What lies between weights, so that bindings may begin there, is counted with the parameters.
  const parameters = weights - moments - sums;
  return { parameters, moments, sums, activations, values: all - activations, total: weights + all };
}
