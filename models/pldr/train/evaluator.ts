import type { Device } from '../../../runtime/device.ts';
import type { PldrConfig } from '../config.ts';
import { openProgram, type EntryOf, type OpenProgram } from '../open-program.ts';
import type { Batch } from './data/batch.ts';
import type { Measured } from './measured.ts';
import { measuredOf, runBatch } from './run-batch.ts';
import { measuringProgram, type MeasuredGraphOptions } from './training-graph.ts';

/** A model on a device that is measured as a training measures its own, and learns nothing. */
export class Evaluator {
  readonly #device: Device;
  readonly #opened: OpenProgram;

  private constructor(device: Device, opened: OpenProgram) {
    this.#device = device;
    this.#opened = opened;
  }

  /**
   * Compiles the program and loads the weights.
   * @param entryOf where they lie (`entriesOf` a checkpoint)
   * @throws `device/out-of-memory`, `weights/…`, and what `entryOf` throws
   */
  static async open(
    device: Device, config: PldrConfig, options: MeasuredGraphOptions, entryOf: EntryOf,
  ): Promise<Evaluator> {
    return new Evaluator(device, await openProgram(device, measuringProgram(config, options), entryOf));
  }

  /** What the model makes of a batch. */
  measure(batch: Batch): Promise<Measured> {
    const { executable, buffers } = this.#opened;
    return measuredOf(runBatch(this.#device, buffers, executable, batch));
  }

  close(): void {
    this.#opened.executable.destroy();
    this.#opened.buffers.destroy();
  }
}
