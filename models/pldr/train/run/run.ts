import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Device } from '../../../../runtime/device.ts';
import { openSafetensors } from '../../../../runtime/safetensors/open.ts';
import { openReader, type TensorReader } from '../../../../runtime/safetensors/reader.ts';
import type { ReadWeight } from '../../../../runtime/weights.ts';
import { openCheckpoint } from '../../checkpoint.ts';
import type { PldrConfig } from '../../config.ts';
import type { Variant } from '../../operator.ts';
import { checkUnchanged } from '../config/config-changes.ts';
import type { TrainConfig } from '../config/schema.ts';
import { tokensIn } from '../data/batch.ts';
import type { BatchStream } from '../data/batches.ts';
import type { HashedTokenizer } from '../data/hashed-tokenizer.ts';
import type { TokeniseProgress } from '../data/tokenise.ts';
import type { MetricLog } from '../log/metric-log.ts';
import { checkedState, latestCheckpoint } from '../save/find-checkpoints.ts';
import { lockFolder } from '../save/lock.ts';
import { discardAfter, keepLast, removeLeftovers } from '../save/prune-checkpoints.ts';
import { saveCheckpoint } from '../save/save-checkpoint.ts';
import type { LabelCount } from '../labelled/labels.ts';
import { MOMENTS_FILE, type TrainingState } from '../save/training-state.ts';
import { Trainer } from '../trainer.ts';
import { checkFinite } from './check-finite.ts';
import { checkLabelsUnchanged } from './check-labels.ts';
import { newWeights, storedWeights } from './first-weights.ts';
import { graphOptions, learningRateOf } from './graph-options.ts';
import { openTask } from './open-task.ts';
import { openLogs } from './logs.ts';
import { RunningMeans } from './running-means.ts';
import { checkSupported } from './supported.ts';
import type { Task } from './task.ts';
import { tensorsOf } from './what-is-kept.ts';

/** What a training tells while it runs. Losses are in nats. */
export type TrainingEvent =
  | { readonly kind: 'tokenising'; readonly progress: TokeniseProgress }
  | {
    readonly kind: 'labelled'; readonly examples: number; readonly labels: readonly LabelCount[];
    readonly heldOut: number; readonly heldOutLabels: readonly LabelCount[];
  }
  | { readonly kind: 'begun'; readonly step: number; readonly documents: number; readonly tokens: number }
  | {
    readonly kind: 'trained'; readonly step: number; readonly loss: number; readonly accuracy: number;
    readonly learningRate: number; readonly tokensPerSecond: number; readonly secondsPerStep: number;
  }
  | { readonly kind: 'validated'; readonly step: number; readonly loss: number; readonly accuracy: number }
  | { readonly kind: 'saved'; readonly step: number; readonly path: string };

export interface TrainingSetup {
  readonly device: Device;
  /** Where checkpoints, logs and the token file go. */
  readonly folder: string;
  readonly model: PldrConfig;
  readonly tokenizer: HashedTokenizer;
  /** How the model makes G, instead of what its configuration names. */
  readonly variant?: Variant;
  /** Stops the training after the update that it is in, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Milliseconds since some moment. */
  readonly now: () => number;
  readonly tell: (event: TrainingEvent) => void;
}

/** Where a training ended. */
export interface TrainingEnd {
  readonly step: number;
  /** The last checkpoint. */
  readonly checkpoint: string | undefined;
}

/**
 * Trains in a folder: from its newest whole checkpoint where there is one, else from the beginning. Ending is being
 * done with all updates, or being told to stop.
 * @throws RicciError `train/not-yet`, `train/locked`, `train/changed-config`, `train/not-finite`, and what reading texts,
 * opening devices and saving throw
 */
export async function runTraining(config: TrainConfig, setup: TrainingSetup): Promise<TrainingEnd> {
  checkSupported(config);
  const { folder } = setup;
  const lock = await lockFolder(folder);
  const reader = openReader();
  try {
    await removeLeftovers(folder);
    const task = await openTask(config, setup);
    try {
      return await new Training(config, setup, task, reader).run();
    } finally {
      await task.close();
    }
  } finally {
    await reader.close();
    await lock.release();
  }
}

class Training {
  readonly #config: TrainConfig;
  readonly #setup: TrainingSetup;
  readonly #task: Task;
  readonly #reader: TensorReader;
  #saved: { readonly step: number; readonly path: string } | undefined;

  constructor(config: TrainConfig, setup: TrainingSetup, task: Task, reader: TensorReader) {
    this.#config = config;
    this.#setup = setup;
    this.#task = task;
    this.#reader = reader;
  }

  async run(): Promise<TrainingEnd> {
    const { folder, device, model, variant, now } = this.#setup;
    const config = this.#config;
    const found = await latestCheckpoint(folder);
    const state = found === undefined ? undefined : await checkedState(found.path);
    if (found !== undefined && state !== undefined) {
      checkUnchanged(state.config, config, found.path);
      await checkLabelsUnchanged(found.path, this.#task.described);
    }
    this.#saved = found;
    await discardAfter(folder, state?.step ?? 0);
    const first = await this.#firstWeights(found?.path);
    const trainer = await Trainer.open(
      device, model, { ...graphOptions(config, this.#task, variant), read: first, resumes: found !== undefined },
    );
    const logs = openLogs(config, folder, state?.step ?? 0, () => now() / 1000);
    try {
      return await this.#updates(trainer, first, logs, state);
    } finally {
      logs.close();
      trainer.close();
    }
  }

  /** From the training's own checkpoint, the model that it begins with, or chance. */
  async #firstWeights(own: string | undefined): Promise<ReadWeight> {
    const { model: { from, init }, seed } = this.#config;
    const { model, variant } = this.#setup;
    const { shapes, fresh } = this.#task;
    const folder = own ?? from;
    const drawn = newWeights(model, shapes, init, seed);
    if (folder === null) return drawn;
    const { tensors, heads } = await openCheckpoint(folder, { variant });
    if (own === undefined) {
      const stored = storedWeights(tensors, folder, this.#reader);
      return (name, at, target) => (fresh.has(name) ? drawn : stored)(name, at, target);
    }
    const moments = await openSafetensors(join(own, MOMENTS_FILE));
    return storedWeights(new Map([...tensors, ...heads, ...moments.tensors]), own, this.#reader);
  }

  async #updates(
    trainer: Trainer, first: ReadWeight, logs: MetricLog, state: TrainingState | undefined,
  ): Promise<TrainingEnd> {
    const { signal, tell, now } = this.#setup;
    const { steps, log, validate, save, seed } = this.#config;
    const { documents, validation } = this.#task;
    const validates = validate.every > 0 && validation !== undefined;
    const rate = learningRateOf(this.#config);
    const batches = this.#task.batches(state?.data ?? { seed, epoch: 0, position: 0 });
    const means = new RunningMeans();
    let step = state?.step ?? 0;
    let since = { at: now(), step };
    let tokens = 0;
    tell({ kind: 'begun', step, documents, tokens: this.#task.tokens });
    while (step < steps && signal?.aborted !== true) {
      // A device may compute in this thread: signals are heard only where the event loop turns.
      await setImmediate();
      const batch = await batches.next();
      const learningRate = rate(step);
      const trained = await trainer.update(batch, { learningRate, step: step + 1 });
      await checkFinite(trained, step + 1, trainer);
      means.add(trained);
      tokens += tokensIn(batch);
      step += 1;
      const isLast = step === steps;
      const row: Record<string, number> = {};
      if (step % log.every === 0 || isLast) {
        const { crossEntropy: loss, accuracy } = means.take();
        const seconds = (now() - since.at) / 1000;
        const tokensPerSecond = tokens / seconds;
        tokens = 0;
        Object.assign(row, { learningRate, loss, accuracy, tokensPerSecond });
        tell({
          kind: 'trained', step, loss, accuracy, learningRate, tokensPerSecond,
          secondsPerStep: seconds / (step - since.step),
        });
        since = { at: now(), step };
      }
      if (validates && (step % validate.every === 0 || isLast)) {
        const { crossEntropy: loss, accuracy } = await this.#validated(trainer);
        Object.assign(row, { validationLoss: loss, validationAccuracy: accuracy });
        tell({ kind: 'validated', step, loss, accuracy });
      }
      if (Object.keys(row).length > 0) logs.write({ step, ...row });
      if ((save.every > 0 && step % save.every === 0) || isLast) await this.#save(trainer, first, batches, step);
      // Time that validating and saving took is no training.
      if (since.step === step) since = { at: now(), step };
    }
    if (this.#saved?.step !== step && step > 0) await this.#save(trainer, first, batches, step);
    return { step, checkpoint: this.#saved?.path };
  }

  async #validated(trainer: Trainer) {
    const most = this.#config.validate.batches ?? Infinity;
    const means = new RunningMeans();
    for await (const batch of this.#task.validation?.(most) ?? []) means.add(await trainer.measure(batch));
    return means.take();
  }

  async #save(trainer: Trainer, first: ReadWeight, batches: BatchStream, step: number): Promise<void> {
    const { folder, model, tokenizer, tell } = this.#setup;
    const { shapes, described } = this.#task;
    const path = await saveCheckpoint(folder, {
      model, described, dtype: 'float32', ...tensorsOf(trainer, shapes, first), copied: [tokenizer.path],
      progress: { step, data: batches.position, random: {}, config: this.#config },
    });
    await keepLast(folder, this.#config.save.keep);
    this.#saved = { step, path };
    tell({ kind: 'saved', step, path });
  }
}
