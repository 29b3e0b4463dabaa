import {
  constantRate, decaysAll, decaysMatrices, warmupCosine, warmupLinear, type LearningRate,
} from '../../../../dsl/index.ts';
import type { Variant } from '../../operator.ts';
import type { TrainConfig } from '../config/schema.ts';
import { nextToken } from '../task/next-token.ts';
import type { TaskGraph } from '../task/task-graph.ts';
import type { TrainingGraphOptions } from '../training-graph.ts';

/** What the graphs of a training depend on of its task. */
export interface TaskShape {
  readonly graph: TaskGraph;
  /** Positions of a batch's rows. */
  readonly positions: number;
}

/** To say the next token: chunks without their last are read. */
export const languageShape = ({ context }: TrainConfig): TaskShape => ({ graph: nextToken, positions: context - 1 });

/** What a configuration says of a task's training step: of language's, where no task is given. */
export function graphOptions(
  config: TrainConfig, variant?: Variant, { graph, positions }: TaskShape = languageShape(config),
): TrainingGraphOptions {
  const { batch, accumulate, memory, data, loss: { dag }, optimizer } = config;
  const { beta1, beta2, epsilon, weightDecay, decay, clip, clipAt } = optimizer;
  const asked = dag.aLm > 0 || dag.aP > 0 || dag.gLm > 0;
  return {
    task: graph, batch, positions, isRagged: data.mode === 'nopad', accumulates: accumulate > 1,
    betas: [beta1, beta2], eps: epsilon, weightDecay, clip: { by: clip, at: clipAt },
    decays: decay === 'all' ? decaysAll : decaysMatrices,
    isHalf: config.model.compute === 'f16',
    ...(asked ? { dag: { A_LM: dag.aLm, A_P: dag.aP, G: dag.gLm } } : {}),
    ...(variant === undefined ? {} : { variant }), ...(memory === null ? {} : { memory: memory * 2 ** 20 }),
  };
}

/** The learning rate after so many updates. */
export function learningRateOf({ steps, learningRate: { schedule, peak, warmup, final } }: TrainConfig): LearningRate {
  const decayed = { learningRate: peak, warmupSteps: warmup, totalSteps: steps, alpha: final };
  switch (schedule) {
    case 'cosine': return warmupCosine(decayed);
    case 'linear': return warmupLinear(decayed);
    case 'constant': return constantRate(peak, warmup);
  }
}
