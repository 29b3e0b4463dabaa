import { compile } from '../../../compiler/compile.ts';
import { encode } from '../../../compiler/encode.ts';
import type { Program, WeightLayout } from '../../../compiler/program.ts';
import { BufferSet } from '../../../runtime/buffers.ts';
import type { Device, Executable } from '../../../runtime/device.ts';
import { readWeight } from '../../../runtime/read-weight.ts';
import type { RunSizes } from '../../../runtime/sizes.ts';
import { readValue, writeValue } from '../../../runtime/transfer.ts';
import { uploadWeights, type ReadWeight } from '../../../runtime/weights.ts';
import type { PldrConfig } from '../config.ts';
import { PldrModel } from '../model.ts';
import type { Variant } from '../operator.ts';
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
  readonly config: PldrConfig;
  readonly variant: Variant | undefined;
  readonly layout: WeightLayout;
  readonly buffers: BufferSet;
  readonly train: Executable;
  readonly evaluate: Executable;
  readonly trained: readonly string[];
}

/** A model in training on a device: its weights and moments, and the programs that update and measure it. */
export class Trainer {
  readonly #parts: Parts;

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
      return new Trainer({
        device, config, variant: options.variant, layout, buffers, train: first, evaluate: second, trained,
      });
    } catch (error) {
      buffers.destroy();
      throw error;
    }
  }

  /** Names of the parameters that are trained. */
  get trained(): readonly string[] {
    return this.#parts.trained;
  }

  /** One update with a batch. What it returns was measured before the update. */
  async update(batch: Batch, { learningRate, step }: UpdateOptions): Promise<Trained> {
    const { device, buffers, train: { program } } = this.#parts;
    writeValue(device, buffers, 'learningRate', program.inputs['learningRate'], {}, Float32Array.of(learningRate));
    writeValue(device, buffers, 'step', program.inputs['step'], {}, Float32Array.of(step));
    const read = await this.#run(this.#parts.train, batch);
    const [all, loss] = await Promise.all([measured(read), read('loss')]);
    return { ...all, loss };
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

  /**
   * The model in training, for sessions that generate with its weights as they are: on the same device, from the same
   * buffers. It is to be closed before the trainer.
   * @param contextLength positions that sessions have room for; as the configuration says where it is missing
   */
  model({ contextLength }: { readonly contextLength?: number } = {}): PldrModel {
    const { device, config, variant, layout, buffers } = this.#parts;
    return PldrModel.over(device, {
      config: contextLength === undefined ? config : { ...config, contextLength }, variant, layout, buffers,
    });
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
    const sizes = sizesOf(program, batch);
    writeValue(device, buffers, 'ids', program.inputs['ids'], sizes, batch.ids);
    writeValue(device, buffers, 'targets', program.inputs['targets'], sizes, batch.targets);
    device.submit((commands) => commands.run(executable, sizes));
    return async (output) => (await readValue(device, buffers, program.outputs[output], sizes))[0];
  }
}

/** All at once: on a GPU each is a way there and back. */
async function measured(read: (output: string) => Promise<number>): Promise<Measured> {
  const [crossEntropy, accuracy, count] = await Promise.all(['crossEntropy', 'accuracy', 'count'].map(read));
  return { crossEntropy, accuracy, count };
}

/** Only positions may be fewer than the graph says. */
const sizesOf = ({ sizes }: Program, { positions }: Batch): RunSizes =>
  Object.fromEntries(sizes.map(({ name }) => [name, positions]));
