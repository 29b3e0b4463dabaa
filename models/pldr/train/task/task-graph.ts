import type { Tensor } from '../../../../dsl/index.ts';
import type { Stream } from '../../attention.ts';
import type { Axes } from '../../axes.ts';
import type { PldrConfig } from '../../config.ts';
import type { Inputs } from '../../inputs.ts';
import type { Batch } from '../data/batch.ts';

/** What is made of a batch, each one number. */
export interface Measures {
  /** Mean over the targets that count, in nats: what is trained, with what the DAG loss adds. */
  readonly crossEntropy: Tensor<never>;
  /** The share of them that is right. */
  readonly accuracy: Tensor<never>;
  /** How many targets count. */
  readonly count: Tensor<never>;
}

/** What a measure may read besides hidden states. */
export interface Measured {
  /** [batch, pos] */
  readonly ids: Tensor<'batch' | 'pos'>;
  readonly axes: Axes;
  readonly config: PldrConfig;
}

/** What a model is trained to do, as graphs: how a batch is read, and what its states are compared with. */
export interface TaskGraph {
  /** How the decoder reads the ids of a batch, which says what is padding. */
  inputs(ids: Tensor<'batch' | 'pos'>, axes: Axes, config: PldrConfig): Inputs;
  /** Reads the input `targets`, whose axes are the task's. */
  measures(hidden: Stream, read: Measured): Measures;
  /** How many targets of a batch count, as `measures` says on a device. */
  counted(batch: Batch): number;
}
