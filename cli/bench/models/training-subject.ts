import { decaysAll } from '../../../dsl/index.ts';
import { countParameters, openCheckpoint } from '../../../models/pldr/index.ts';
import type { Batch } from '../../../models/pldr/train/data/batch.ts';
import { storedWeights } from '../../../models/pldr/train/run/first-weights.ts';
import { Trainer } from '../../../models/pldr/train/trainer.ts';
import { openReader } from '../../../runtime/index.ts';
import type { BenchModel } from './bench-model.ts';
import { checkTraining } from './check-training.ts';

/** Rows of a batch at most, and tokens of a chunk, whose last one is only a target: as the bundled checkpoint's. */
const [ROWS, CHUNK] = [16, 128];
/** AdamW as the authors have it. */
const RECIPE = { betas: [0.9, 0.95], eps: 1e-5, weightDecay: 0.1 } as const;
/** Operations of an update at most, so that it takes seconds: a batch of a large model has fewer rows. */
const MOST_FLOPS = { cpu: 2e11, software: 1e11, hardware: 1e13 } as const;

/** A model in training: opened when it is first needed, checked once, and closed where the model is put away. */
export class TrainingSubject {
  readonly model: BenchModel;
  readonly batch: Batch;
  readonly recipe = RECIPE;
  #trainer: Trainer | undefined;
  #isChecked = false;
  #updates = 0;

  constructor(model: BenchModel) {
    this.model = model;
    this.batch = batchOf(model);
  }

  /** Weights are the checkpoint's, and moments 0. @throws RicciError what opening a checkpoint and a trainer throws */
  async trainer(): Promise<Trainer> {
    if (this.#trainer !== undefined) return this.#trainer;
    const { dir, bench: { device } } = this.model;
    this.model.release();
    const { config, tensors } = await openCheckpoint(dir);
    const reader = openReader();
    try {
      const { rows: batch, positions } = this.batch;
      this.#trainer = await Trainer.open(device, config, {
        ...RECIPE, batch, positions, decays: decaysAll, clip: { by: 'value', at: 1 },
        read: storedWeights(tensors, dir, reader), resumes: false,
      });
    } finally {
      await reader.close();
    }
    this.#updates = 0;
    this.model.onRelease(() => this.#close());
    return this.#trainer;
  }

  /** @throws RicciError `bench/wrong` */
  async check(): Promise<void> {
    if (!this.#isChecked) await checkTraining(this);
    this.#isChecked = true;
  }

  /** An update at a rate; at 0, the default, weights stay as they are. @returns the loss before it */
  async update(learningRate = 0): Promise<number> {
    const trainer = await this.trainer();
    this.#updates += 1;
    return (await trainer.update(this.batch, { learningRate, step: this.#updates })).crossEntropy;
  }

  #close(): void {
    this.#trainer?.close();
    this.#trainer = undefined;
  }
}

/** Ids spread over the vocabulary, each the target of the one before it. */
function batchOf({ config, bench: { device: { limits } } }: BenchModel): Batch {
  const kind = limits.kind === 'cpu' ? 'cpu' : limits.software ? 'software' : 'hardware';
  const positions = Math.min(CHUNK, config.contextLength) - 1;
  const fitting = Math.floor(MOST_FLOPS[kind] / (6 * countParameters(config) * positions));
  const rows = Math.max(1, Math.min(ROWS, fitting));
  const id = (i: number): number => 4 + ((i * 7919 + 31 * Math.floor(i / 3)) % (config.vocabSize - 4));
  const ids = Int32Array.from({ length: rows * positions }, (_, i) => id(i));
  return { rows, positions, ids, targets: Int32Array.from(ids, (_, i) => id(i + 1)) };
}
