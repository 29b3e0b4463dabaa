import { compile } from '../../../compiler/compile.ts';
import { encodeAll } from '../../../compiler/encode.ts';
import { BufferSet } from '../../../runtime/buffers.ts';
import type { Device, Executable } from '../../../runtime/device.ts';
import { uploadWeights, type ReadWeight } from '../../../runtime/weights.ts';
import type { PldrConfig } from '../config.ts';
import { targetOf } from '../target.ts';
import type { Batch } from './data/batch.ts';
import type { Measured } from './measured.ts';
import { measuredOf, runBatch } from './run-batch.ts';
import { measuringProgram, type MeasuredGraphOptions } from './training-graph.ts';

export interface EvaluatorOptions extends MeasuredGraphOptions {
  /** Reads the parameters. */
  readonly read: ReadWeight;
}

/** A model on a device that is measured as a training measures its own, and learns nothing. */
export class Evaluator {
  readonly #device: Device;
  readonly #buffers: BufferSet;
  readonly #measuring: Executable;

  private constructor(device: Device, buffers: BufferSet, measuring: Executable) {
    this.#device = device;
    this.#buffers = buffers;
    this.#measuring = measuring;
  }

  /** Compiles the program and loads the weights. @throws `device/out-of-memory`, and what `read` throws */
  static async open(device: Device, config: PldrConfig, options: EvaluatorOptions): Promise<Evaluator> {
    const source = measuringProgram(config, options);
    const { programs: [program], layout } = encodeAll(compile([source], targetOf(device), undefined, () => 'f32'));
    const buffers = new BufferSet(device);
    try {
      await uploadWeights(device, buffers, layout, options.read);
      return new Evaluator(device, buffers, await device.open(program, buffers));
    } catch (error) {
      buffers.destroy();
      throw error;
    }
  }

  /** What the model makes of a batch. */
  measure(batch: Batch): Promise<Measured> {
    return measuredOf(runBatch(this.#device, this.#buffers, this.#measuring, batch));
  }

  close(): void {
    this.#measuring.destroy();
    this.#buffers.destroy();
  }
}
