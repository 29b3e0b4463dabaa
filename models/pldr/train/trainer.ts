import type { Program } from '../../../compiler/program.ts';
import { RicciError } from '../../../dsl/errors.ts';
import { BufferSet } from '../../../runtime/buffers.ts';
import type { Device, Executable } from '../../../runtime/device.ts';
import { readWeight } from '../../../runtime/read-weight.ts';
import { writeValue } from '../../../runtime/transfer.ts';
import { uploadWeights, type ReadWeight } from '../../../runtime/weights.ts';
import type { PldrConfig } from '../config.ts';
import { PldrModel } from '../model.ts';
import { targetOf } from '../target.ts';
import { isSum } from './accumulation.ts';
import type { Batch } from './data/batch.ts';
import { combined, type Measured, type Trained } from './measured.ts';
import { planTraining, type TrainingMemory, type TrainingPlan } from './plan.ts';
import { measuredOf, runBatch, sizesOf } from './run-batch.ts';
import { momentOf, type TrainingGraphOptions } from './training-graph.ts';

export type { Measured, Trained } from './measured.ts';

/** When an update happens, and how far it goes. */
export interface UpdateOptions {
  readonly learningRate: number;
  /** How many updates there are with this one: 1, 2, … */
  readonly step: number;
}

export interface TrainerOptions extends TrainingGraphOptions {
  /**
   * Reads the weights to begin with: the parameters, and their moments (`momentName`), which begin as 0 where
   * `resumes` is false.
   */
  readonly read: ReadWeight;
  readonly resumes: boolean;
  /** Hears what memory it takes, before it is taken. */
  readonly onMemory?: (memory: TrainingMemory) => void;
}

interface Parts {
  readonly device: Device;
  readonly config: PldrConfig;
  readonly options: TrainerOptions;
  readonly plan: TrainingPlan;
  readonly buffers: BufferSet;
  readonly train: Executable;
  readonly update: Executable | undefined;
  readonly evaluate: Executable;
}

/** A model in training on a device: its weights and moments, and the programs that update and measure it. */
export class Trainer {
  readonly #parts: Parts;
  readonly #flops = new Map<number, number>();

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Compiles the programs and loads the weights. @throws `device/out-of-memory`, and what `read` throws */
  static async open(device: Device, config: PldrConfig, options: TrainerOptions): Promise<Trainer> {
    const plan = planTraining(config, options, targetOf(device));
    options.onMemory?.(plan.memory);
    const buffers = new BufferSet(device);
    try {
      await uploadWeights(device, buffers, plan.layout, async (weight, from, target) => {
        if (isSum(weight) || (momentOf(weight) !== undefined && !options.resumes)) target.fill(0);
        else await options.read(weight, from, target);
      });
      // All programs use the same buffers, each of which is made once, as large as the largest needs.
      for (const [key, bytes] of plan.buffers) buffers.ensure(key, bytes);
      const open = (program: Program): Promise<Executable> => device.open(program, buffers);
      const train = await open(plan.train);
      const update = plan.update === undefined ? undefined : await open(plan.update);
      return new Trainer({ device, config, options, plan, buffers, train, update, evaluate: await open(plan.evaluate) });
    } catch (error) {
      buffers.destroy();
      throw error;
    }
  }

  /** Names of the parameters that are trained. */
  get trained(): readonly string[] {
    return this.#parts.plan.trained;
  }

  /** The program of an update, over the trainer's memory. */
  get updating(): Executable {
    return this.#parts.train;
  }

  /** Operations of the contractions that learn from a batch of so many positions; a product and a sum are two. */
  flops(positions: number): number {
    const known = this.#flops.get(positions);
    if (known !== undefined) return known;
    const { train: { program }, plan } = this.#parts;
    const counted = plan.flops(sizesOf(program, positions));
    this.#flops.set(positions, counted);
    return counted;
  }

  /** Bytes that it takes on the device. */
  get memory(): TrainingMemory {
    return this.#parts.plan.memory;
  }

  /**
   * One update with a batch, or with several as if they were one with all their rows (see `accumulation.ts`). What it
   * returns was measured before the update.
   * @throws RicciError `train/accumulates` for other than one batch where gradients are not accumulated
   */
  async update(given: Batch | readonly Batch[], options: UpdateOptions): Promise<Trained> {
    const batches = 'ids' in given ? [given] : given;
    const { train, update } = this.#parts;
    if (update !== undefined) return this.#accumulated(update, batches, options);
    if (batches.length !== 1) throw notAccumulated(batches.length);
    this.#write(train, { ...options });
    return this.#learn(batches[0]);
  }

  async #accumulated(update: Executable, batches: readonly Batch[], options: UpdateOptions): Promise<Trained> {
    const { device, train } = this.#parts;
    const parts: Trained[] = [];
    for (const [i, batch] of batches.entries()) {
      this.#write(train, { isFirst: i === 0 ? 1 : 0 });
      parts.push(await this.#learn(batch));
    }
    const all = combined(parts);
    this.#write(update, { ...options, count: all.count });
    device.submit((commands) => commands.run(update, {}));
    return all;
  }

  /** Numbers that a program reads. */
  #write({ program }: Executable, numbers: Readonly<Record<string, number>>): void {
    const { device, buffers } = this.#parts;
    for (const [name, number] of Object.entries(numbers)) {
      writeValue(device, buffers, name, program.inputs[name], {}, Float32Array.of(number));
    }
  }

  async #learn(batch: Batch): Promise<Trained> {
    const { device, buffers, train } = this.#parts;
    const read = runBatch(device, buffers, train, batch);
    const [all, loss] = await Promise.all([measuredOf(read), read('loss')]);
    return { ...all, loss };
  }

  /** What the model makes of a batch, which changes nothing. */
  measure(batch: Batch): Promise<Measured> {
    const { device, buffers, evaluate } = this.#parts;
    return measuredOf(runBatch(device, buffers, evaluate, batch));
  }

  /** A parameter or a moment as it is now, row by row. */
  read(weight: string): Promise<Float32Array<ArrayBuffer>> {
    const { device, buffers, plan } = this.#parts;
    return readWeight(device, buffers, plan.layout, weight);
  }

  /**
   * The model in training, for sessions that generate with its weights as they are: on the same device, from the same
   * buffers. It is to be closed before the trainer.
   * @param contextLength positions that sessions have room for; as the configuration says where it is missing
   */
  model({ contextLength }: { readonly contextLength?: number } = {}): PldrModel {
    const { device, config, options: { variant }, plan: { layout }, buffers } = this.#parts;
    return PldrModel.over(device, {
      config: contextLength === undefined ? config : { ...config, contextLength }, variant, layout, buffers,
    });
  }

  close(): void {
    const { train, update, evaluate, buffers } = this.#parts;
    for (const executable of [train, update, evaluate]) executable?.destroy();
    buffers.destroy();
  }
}

const notAccumulated = (batches: number): RicciError => new RicciError({
  code: 'train/accumulates',
  message: `An update of ${batches} batches was asked for, and this trainer makes each of one.`,
  hint: 'Open it with `accumulates: true`.',
});
