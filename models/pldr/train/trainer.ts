import { compile, type ProgramSource } from '../../../compiler/compile.ts';
import { encode } from '../../../compiler/encode.ts';
import type { Program, WeightLayout } from '../../../compiler/program.ts';
import { contractionFlops } from '../../../dsl/contraction-flops.ts';
import type { Node } from '../../../dsl/node.ts';
import { BufferSet } from '../../../runtime/buffers.ts';
import type { Device, Executable } from '../../../runtime/device.ts';
import { readWeight } from '../../../runtime/read-weight.ts';
import type { RunSizes } from '../../../runtime/sizes.ts';
import { readValue, writeValue } from '../../../runtime/transfer.ts';
import { uploadWeights, type ReadWeight } from '../../../runtime/weights.ts';
import type { PldrConfig } from '../config.ts';
import { targetOf } from '../target.ts';
import type { Batch } from './data/batch.ts';
import { momentOf, trainingPrograms, type TrainingGraphOptions } from './training-graph.ts';

/** What a model made of a batch, each a mean over the targets that count. */
export interface Measured {
  /** In nats. */
  readonly crossEntropy: number;
  readonly accuracy: number;
  /** How many targets count. */
  readonly count: number;
}

/** The same of a batch that was trained on, before its update. */
export interface Trained extends Measured {
  /** What was differentiated: the cross-entropy and what the DAG loss adds. */
  readonly loss: number;
}

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
}

interface Parts {
  readonly device: Device;
  readonly layout: WeightLayout;
  readonly buffers: BufferSet;
  readonly train: Executable;
  readonly evaluate: Executable;
  readonly trained: readonly string[];
  readonly flops: (sizes: RunSizes) => number;
}

/** A model in training on a device: its weights and moments, and the programs that update and measure it. */
export class Trainer {
  readonly #parts: Parts;
  readonly #flops = new Map<number, number>();

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Compiles both programs and loads the weights. @throws `device/out-of-memory`, and what `read` throws */
  static async open(device: Device, config: PldrConfig, options: TrainerOptions): Promise<Trainer> {
    const { train, evaluate, trained } = trainingPrograms(config, options);
    const { programs, layout } = compile([train, evaluate], targetOf(device), undefined, () => 'f32');
    const buffers = new BufferSet(device);
    try {
      await uploadWeights(device, buffers, layout, async (weight, from, target) => {
        if (momentOf(weight) !== undefined && !options.resumes) target.fill(0);
        else await options.read(weight, from, target);
      });
      const first = await device.open(encode(programs[0]), buffers);
      const second = await device.open(encode(programs[1]), buffers);
      const flops = (sizes: RunSizes): number => contractionFlops(rootsOf(train), sizes);
      return new Trainer({ device, layout, buffers, train: first, evaluate: second, trained, flops });
    } catch (error) {
      buffers.destroy();
      throw error;
    }
  }

  /** Names of the parameters that are trained. */
  get trained(): readonly string[] {
    return this.#parts.trained;
  }

  /** The program of an update, over the trainer's memory. */
  get updating(): Executable {
    return this.#parts.train;
  }

  /** Operations of the contractions of an update with a batch of so many positions; a product and a sum are two. */
  flops(positions: number): number {
    const known = this.#flops.get(positions);
    if (known !== undefined) return known;
    const { train: { program }, flops } = this.#parts;
    const counted = flops(sizesOf(program, positions));
    this.#flops.set(positions, counted);
    return counted;
  }

  /** One update with a batch. What it returns was measured before the update. */
  async update(batch: Batch, { learningRate, step }: UpdateOptions): Promise<Trained> {
    const { device, buffers, train: { program } } = this.#parts;
    writeValue(device, buffers, 'learningRate', program.inputs['learningRate'], {}, Float32Array.of(learningRate));
    writeValue(device, buffers, 'step', program.inputs['step'], {}, Float32Array.of(step));
    const read = await this.#run(this.#parts.train, batch);
    return { ...(await measured(read)), loss: await read('loss') };
  }

  /** What the model makes of a batch, which changes nothing. */
  async measure(batch: Batch): Promise<Measured> {
    return measured(await this.#run(this.#parts.evaluate, batch));
  }

  /** A parameter or a moment as it is now, row by row. */
  read(weight: string): Promise<Float32Array<ArrayBuffer>> {
    const { device, buffers, layout } = this.#parts;
    return readWeight(device, buffers, layout, weight);
  }

  close(): void {
    const { train, evaluate, buffers } = this.#parts;
    train.destroy();
    evaluate.destroy();
    buffers.destroy();
  }

  async #run(executable: Executable, batch: Batch): Promise<(output: string) => Promise<number>> {
    const { device, buffers } = this.#parts;
    const { program } = executable;
    const sizes = sizesOf(program, batch.positions);
    writeValue(device, buffers, 'ids', program.inputs['ids'], sizes, batch.ids);
    writeValue(device, buffers, 'targets', program.inputs['targets'], sizes, batch.targets);
    device.submit((commands) => commands.run(executable, sizes));
    return async (output) => (await readValue(device, buffers, program.outputs[output], sizes))[0];
  }
}

const measured = async (read: (output: string) => Promise<number>): Promise<Measured> => ({
  crossEntropy: await read('crossEntropy'), accuracy: await read('accuracy'), count: await read('count'),
});

const rootsOf = ({ outputs, updates }: ProgramSource): readonly Node[] =>
  [...Object.values(outputs), ...updates?.values() ?? []];

/** Only positions may be fewer than the graph says. */
const sizesOf = ({ sizes }: Program, positions: number): RunSizes =>
  Object.fromEntries(sizes.map(({ name }) => [name, positions]));
