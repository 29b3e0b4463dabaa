import { RicciError } from '../../dsl/errors.ts';
import { readRanges } from './read.ts';
import { Waiting } from './wait.ts';

/** What a query set of WebGPU holds: a begin and an end for each pass. */
const PASSES_PER_SET = 2048;
const NANOSECONDS = 1e-9;
/** Where a resolve may begin. */
const ALIGNMENT = 256;

/** The beginnings and ends of compute passes by the GPU's own clock. */
export class Timestamps {
  readonly #gpu: GPUDevice;
  readonly #passes: number;
  readonly #sets: readonly GPUQuerySet[];

  /** @throws RicciError `runtime/no-timestamps` */
  constructor(gpu: GPUDevice, passes: number) {
    if (!gpu.features.has('timestamp-query')) throw noTimestamps();
    this.#gpu = gpu;
    this.#passes = passes;
    this.#sets = Array.from({ length: Math.ceil(passes / PASSES_PER_SET) }, () =>
      gpu.createQuerySet({ type: 'timestamp', count: 2 * PASSES_PER_SET }));
  }

  /** Begins the pass of that number. */
  begin(encoder: GPUCommandEncoder, pass: number): GPUComputePassEncoder {
    const at = 2 * (pass % PASSES_PER_SET);
    const querySet = this.#sets[Math.floor(pass / PASSES_PER_SET)];
    return encoder.beginComputePass({
      timestampWrites: { querySet, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 },
    });
  }

  /** Submits the passes, and gives the seconds of each. @throws RicciError `runtime/read` */
  async finish(encoder: GPUCommandEncoder): Promise<readonly number[]> {
    const setBytes = Math.ceil((16 * PASSES_PER_SET) / ALIGNMENT) * ALIGNMENT;
    const size = setBytes * this.#sets.length;
    const resolved = this.#gpu.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
    try {
      this.#sets.forEach((set, i) => {
        const queries = 2 * Math.min(PASSES_PER_SET, this.#passes - i * PASSES_PER_SET);
        encoder.resolveQuerySet(set, 0, queries, resolved, i * setBytes);
      });
      this.#gpu.queue.submit([encoder.finish()]);
      const bytes = await readRanges(this.#gpu, resolved, [{ offset: 0, bytes: 16 * this.#passes }], new Waiting());
      const ticks = new BigUint64Array(bytes);
      // Some clocks step back between passes: no kernel takes less than nothing.
      return Array.from({ length: this.#passes }, (_, i) =>
        Math.max(0, Number(ticks[2 * i + 1] - ticks[2 * i]) * NANOSECONDS));
    } finally {
      resolved.destroy();
      for (const set of this.#sets) set.destroy();
    }
  }
}

const noTimestamps = (): RicciError => new RicciError({
  code: 'runtime/no-timestamps',
  message: 'Kernels are to be timed, and this adapter has no timestamp queries.',
  hint: 'Choose another adapter (`ricci devices` lists them), or time on the device cpu.',
});
