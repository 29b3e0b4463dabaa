import { setImmediate } from 'node:timers/promises';
import type { TensorReader } from '../../../../runtime/safetensors/reader.ts';
import type { ReadWeight } from '../../../../runtime/weights.ts';
import { checkUnchanged } from '../config/config-changes.ts';
import type { TrainConfig } from '../config/schema.ts';
import { tokensIn, type Batch } from '../data/batch.ts';
import type { BatchStream } from '../data/batches.ts';
import { checkedState, latestCheckpoint } from '../save/find-checkpoints.ts';
import { discardAfter, keepLast } from '../save/prune-checkpoints.ts';
import { saveCheckpoint } from '../save/save-checkpoint.ts';
import type { TrainingState } from '../save/training-state.ts';
import { Trainer, type Trained } from '../trainer.ts';
import { beginning } from './beginning.ts';
import { checkFinite } from './check-finite.ts';
import { checkLabelsUnchanged } from './check-labels.ts';
import { graphOptions, learningRateOf } from './graph-options.ts';
import { openLogs, type TrainingLogs } from './logs.ts';
import { Pace } from './pace.ts';
import { RunningMeans } from './running-means.ts';
import { sampleLength, TextSampler, type SamplePrompt } from './sample-texts.ts';
import type { TrainingEnd, TrainingSetup } from './setup.ts';
import type { Task } from './task.ts';
import { validated } from './validated.ts';
import { tensorsOf } from './what-is-kept.ts';

/** What a training has been given or opened before it begins. */
export interface TrainingInputs {
  readonly task: Task;
  readonly reader: TensorReader;
  /** What texts are written after; none where none are. */
  readonly prompts: readonly SamplePrompt[];
}

/** What there is while updates are made. */
interface Going {
  readonly trainer: Trainer;
  readonly logs: TrainingLogs;
  readonly batches: BatchStream;
  readonly sampler: TextSampler | undefined;
  /** The weights that it began with. */
  readonly first: ReadWeight;
}

/** One training, from where its folder says on. */
export class Training {
  readonly #config: TrainConfig;
  readonly #setup: TrainingSetup;
  readonly #inputs: TrainingInputs;
  readonly #means = new RunningMeans();
  readonly #pace: Pace;
  /** Tokens that have been read since the last row. */
  #tokens = 0;
  /** Updates that have been made. */
  #step = 0;
  /** Operations of those since the last row. */
  #flops = 0;
  #saved: { readonly step: number; readonly path: string } | undefined;

  constructor(config: TrainConfig, setup: TrainingSetup, inputs: TrainingInputs) {
    this.#config = config;
    this.#setup = setup;
    this.#inputs = inputs;
    this.#pace = new Pace(setup.now);
  }

  async run(): Promise<TrainingEnd> {
    const { folder, device, model, variant, now, tell } = this.#setup;
    const config = this.#config;
    const found = await latestCheckpoint(folder);
    const state = found === undefined ? undefined : await checkedState(found.path);
    if (found !== undefined && state !== undefined) {
      checkUnchanged(state.config, config, found.path);
      await checkLabelsUnchanged(found.path, this.#inputs.task.described);
    }
    this.#saved = found;
    this.#step = state?.step ?? 0;
    await discardAfter(folder, this.#step);
    const { task, reader } = this.#inputs;
    const first = await beginning(config, this.#setup, task, reader, found?.path);
    const trainer = await Trainer.open(device, model, {
      ...graphOptions(config, variant, task), read: first, resumes: found !== undefined,
      onMemory: (memory) => tell({ kind: 'planned', memory }),
    });
    try {
      const logs = openLogs(config, folder, this.#step, () => now() / 1000);
      try {
        return await this.#go({ trainer, logs, first, batches: this.#batches(state) });
      } finally {
        logs.close();
      }
    } finally {
      trainer.close();
    }
  }

  #batches(state: TrainingState | undefined): BatchStream {
    return this.#inputs.task.batches(state?.data ?? { seed: this.#config.seed, epoch: 0, position: 0 });
  }

  async #go(opened: Omit<Going, 'sampler'>): Promise<TrainingEnd> {
    const { task: { documents, tokens }, prompts } = this.#inputs;
    const { tokenizer: { tokenizer }, tell } = this.#setup;
    const config = this.#config;
    const sampler = prompts.length === 0 ? undefined : await TextSampler.open(
      opened.trainer.model({ contextLength: sampleLength(prompts, config) }), tokenizer, prompts, config,
    );
    try {
      tell({ kind: 'begun', step: this.#step, documents, tokens });
      return await this.#updates({ ...opened, sampler });
    } finally {
      sampler?.close();
    }
  }

  async #updates(going: Going): Promise<TrainingEnd> {
    const { signal } = this.#setup;
    const { steps, save } = this.#config;
    while (this.#step < steps && signal?.aborted !== true) {
      // A device may compute in this thread: signals are heard only where the event loop turns.
      await setImmediate();
      const trained = await this.#pace.timed(() => this.#update(going));
      await checkFinite(trained, this.#step + 1, going.trainer);
      this.#means.add(trained);
      this.#step += 1;
      const row = { ...this.#row(), ...await this.#validated(going) };
      if (Object.keys(row).length > 0) going.logs.write({ step: this.#step, ...row });
      await this.#sample(going);
      if (this.#isDue(save.every)) await this.#save(going);
    }
    if (this.#saved?.step !== this.#step && this.#step > 0) await this.#save(going);
    return { step: this.#step, checkpoint: this.#saved?.path };
  }

  async #update({ trainer, batches }: Going): Promise<Trained> {
    const learningRate = learningRateOf(this.#config)(this.#step);
    const read: Batch[] = [];
    while (read.length < this.#config.accumulate) read.push(await batches.next());
    for (const batch of read) {
      this.#tokens += tokensIn(batch);
      this.#flops += trainer.flops(batch.positions);
    }
    return trainer.update(read, { learningRate, step: this.#step + 1 });
  }

  /** Whether what happens every so many updates happens now: never for 0, and after the last in any case. */
  #isDue(every: number): boolean {
    return every > 0 && (this.#step % every === 0 || this.#step === this.#config.steps);
  }

  /** What is known of the updates since the last row, where one is due. */
  #row(): Readonly<Record<string, number>> {
    if (!this.#isDue(this.#config.log.every)) return {};
    const { crossEntropy: loss, accuracy } = this.#means.take();
    const { seconds, updates } = this.#pace.take();
    const learningRate = learningRateOf(this.#config)(this.#step - 1);
    const row = { learningRate, loss, accuracy, tokensPerSecond: this.#tokens / seconds };
    const pace = { secondsPerStep: seconds / updates, flopsPerSecond: this.#flops / seconds };
    this.#setup.tell({ kind: 'trained', step: this.#step, ...row, ...pace });
    [this.#tokens, this.#flops] = [0, 0];
    return row;
  }

  /** What the texts that were held out say of the model, where it is time to ask them. */
  async #validated({ trainer }: Going): Promise<Readonly<Record<string, number>>> {
    const { validate } = this.#config;
    const { validation } = this.#inputs.task;
    if (!this.#isDue(validate.every) || validation === undefined) return {};
    const { crossEntropy: loss, accuracy } = await validated(trainer, validation(validate.batches ?? Infinity));
    this.#setup.tell({ kind: 'validated', step: this.#step, loss, accuracy });
    return { validationLoss: loss, validationAccuracy: accuracy };
  }

  async #sample({ sampler, logs }: Going): Promise<void> {
    if (sampler === undefined || !this.#isDue(this.#config.sample.every)) return;
    const samples = await sampler.sample(this.#step);
    for (const sample of samples) this.#setup.tell({ kind: 'sampled', sample });
    logs.writeSamples(samples);
  }

  async #save({ trainer, first, batches }: Going): Promise<void> {
    const { folder, model, tokenizer, tell } = this.#setup;
    const { shapes, described } = this.#inputs.task;
    const step = this.#step;
    const path = await saveCheckpoint(folder, {
      model, described, dtype: 'float32', ...tensorsOf(trainer, shapes, first), copied: [tokenizer.path],
      progress: { step, data: batches.position, random: {}, config: this.#config },
    });
    await keepLast(folder, this.#config.save.keep);
    this.#saved = { step, path };
    tell({ kind: 'saved', step, path });
  }
}
