import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openSafetensors } from '../../../../runtime/safetensors/open.ts';
import type { TensorReader } from '../../../../runtime/safetensors/reader.ts';
import type { ReadWeight } from '../../../../runtime/weights.ts';
import { openCheckpoint } from '../../checkpoint.ts';
import { parameterShapes } from '../../parameters.ts';
import { weightsRead } from '../../weights-read.ts';
import { checkUnchanged } from '../config/config-changes.ts';
import { locatedConfig } from '../config/parse-train-config.ts';
import type { TrainConfig } from '../config/schema.ts';
import type { Batch } from '../data/batch.ts';
import { trainingBatches, validationBatches, type BatchStream } from '../data/batches.ts';
import { holdOut, type HeldOut } from '../data/hold-out.ts';
import type { TokenFile } from '../data/token-file.ts';
import { checkedState, latestCheckpoint } from '../save/find-checkpoints.ts';
import { discardAfter, keepLast } from '../save/prune-checkpoints.ts';
import { saveCheckpoint } from '../save/save-checkpoint.ts';
import { MOMENTS_FILE, type TrainingState } from '../save/training-state.ts';
import { Trainer, type Trained } from '../trainer.ts';
import { checkFinite } from './check-finite.ts';
import { newWeights, storedWeights, type WeightShapes } from './first-weights.ts';
import { graphOptions, learningRateOf } from './graph-options.ts';
import { openLogs, type TrainingLogs } from './logs.ts';
import { Pace } from './pace.ts';
import { RunningMeans } from './running-means.ts';
import { sampleLength, TextSampler, type SamplePrompt } from './sample-texts.ts';
import type { TrainingEnd, TrainingSetup } from './setup.ts';
import { tensorsOf } from './what-is-kept.ts';

/** What a training has been given or opened before it begins. */
export interface TrainingInputs {
  readonly tokens: TokenFile;
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
  readonly #held: HeldOut;
  readonly #shapes: WeightShapes;
  readonly #means = new RunningMeans();
  readonly #pace: Pace;
  /** Updates that have been made. */
  #step = 0;
  /** Operations of those since the last row. */
  #flops = 0;
  #saved: { readonly step: number; readonly path: string } | undefined;

  constructor(config: TrainConfig, setup: TrainingSetup, inputs: TrainingInputs) {
    this.#config = config;
    this.#setup = setup;
    this.#inputs = inputs;
    this.#held = holdOut(inputs.tokens.header.documents, config.data.validation);
    const { model, variant } = setup;
    this.#shapes = variant === undefined ? parameterShapes(model) : weightsRead(model, variant);
    this.#pace = new Pace(setup.now);
  }

  async run(): Promise<TrainingEnd> {
    const { folder, device, model, variant, now, tell } = this.#setup;
    const config = this.#config;
    const found = await latestCheckpoint(folder);
    const state = found === undefined ? undefined : await checkedState(found.path);
    if (found !== undefined && state !== undefined) checkUnchanged(state.config, config, found.path);
    this.#saved = found;
    this.#step = state?.step ?? 0;
    await discardAfter(folder, this.#step);
    const first = await this.#firstWeights(found?.path);
    const trainer = await Trainer.open(device, model, {
      ...graphOptions(config, variant), read: first, resumes: found !== undefined,
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

  /** From the training's own checkpoint, the model that it begins with, or chance. */
  async #firstWeights(own: string | undefined): Promise<ReadWeight> {
    const { model, variant, base = '' } = this.#setup;
    const { model: { from, init }, seed } = locatedConfig(this.#config, base);
    const folder = own ?? from;
    if (folder === null) return newWeights(model, this.#shapes, init, seed);
    const { tensors } = await openCheckpoint(folder, { variant });
    if (own === undefined) return storedWeights(tensors, folder, this.#inputs.reader);
    const moments = await openSafetensors(join(own, MOMENTS_FILE));
    return storedWeights(new Map([...tensors, ...moments.tensors]), own, this.#inputs.reader);
  }

  #batches(state: TrainingState | undefined): BatchStream {
    const start = state?.data ?? { seed: this.#config.seed, epoch: 0, position: 0 };
    return trainingBatches(this.#inputs.tokens, this.#held.train, this.#batchOptions(), start);
  }

  #batchOptions() {
    const { batch: rows, context: length, data: { mode, group, shuffle } } = this.#config;
    return { rows, length, mode, group, shuffle };
  }

  async #go(opened: Omit<Going, 'sampler'>): Promise<TrainingEnd> {
    const { tokens: { header: { documents, tokens } }, prompts } = this.#inputs;
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
    for (const { positions } of read) this.#flops += trainer.flops(positions);
    return trainer.update(read, { learningRate, step: this.#step + 1 });
  }

  /** Whether what happens every so many updates happens now: never for 0, and after the last in any case. */
  #isDue(every: number): boolean {
    return every > 0 && (this.#step % every === 0 || this.#step === this.#config.steps);
  }

  /** What is known of the updates since the last row, where one is due. */
  #row(): Readonly<Record<string, number>> {
    if (!this.#isDue(this.#config.log.every)) return {};
    const { crossEntropy: loss, accuracy, targets } = this.#means.take();
    const { seconds, updates } = this.#pace.take();
    const row = { learningRate: learningRateOf(this.#config)(this.#step - 1), loss, accuracy, tokensPerSecond: targets / seconds };
    this.#setup.tell({
      kind: 'trained', step: this.#step, ...row, secondsPerStep: seconds / updates, flopsPerSecond: this.#flops / seconds,
    });
    this.#flops = 0;
    return row;
  }

  /** What the texts that were held out say of the model, where it is time to ask them. */
  async #validated({ trainer }: Going): Promise<Readonly<Record<string, number>>> {
    const { validate } = this.#config;
    const { validation } = this.#held;
    if (!this.#isDue(validate.every) || validation.to <= validation.from) return {};
    const means = new RunningMeans();
    const most = validate.batches ?? Infinity;
    for await (const batch of validationBatches(this.#inputs.tokens, validation, this.#batchOptions(), most)) {
      means.add(await trainer.measure(batch));
    }
    const { crossEntropy: loss, accuracy } = means.take();
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
    const step = this.#step;
    const path = await saveCheckpoint(folder, {
      model, dtype: 'float32', ...tensorsOf(trainer, this.#shapes, first), copied: [tokenizer.path],
      progress: { step, data: batches.position, random: {}, config: this.#config },
    });
    await keepLast(folder, this.#config.save.keep);
    this.#saved = { step, path };
    tell({ kind: 'saved', step, path });
  }
}
