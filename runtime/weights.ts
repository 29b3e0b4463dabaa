import type { WeightLayout } from '../compiler/program.ts';
import { RicciError } from '../dsl/errors.ts';
import type { BufferSet } from './buffers.ts';
import type { Device } from './device.ts';

/** Fills `target` with elements `[from, from + target.length)` of the weight of that name in the layout. */
export type ReadWeight = (weight: string, from: number, target: Float32Array) => Promise<void>;

export interface UploadOptions {
  /** Bytes that are free for weights, where that is known (some devices live in the host's memory). */
  readonly freeBytes?: number;
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/** Floats that are read at a time, always into the same memory: the host needs little next to the weights. */
const CHUNK = 1 << 19;
/** Bytes that are written before they are waited for; until then a device may hold them twice. */
const IN_FLIGHT = 1 << 23;

/**
 * Makes the weight buffers and fills them with the weights of a checkpoint; derived weights are left to a load program.
 * @throws `device/out-of-memory` that says how much is needed and how much there is
 */
export async function uploadWeights(
  device: Device,
  buffers: BufferSet,
  layout: WeightLayout,
  read: ReadWeight,
  options: UploadOptions = {},
): Promise<void> {
  await allocate(buffers, layout, options.freeBytes);
  const given = Object.entries(layout.weights).filter(([, place]) => place.derived !== true);
  const total = given.reduce((n, [, place]) => n + place.bytes, 0);
  const memory = new Float32Array(CHUNK);
  let done = 0;
  let pending = 0;
  for (const [name, place] of given) {
    const buffer = buffers.get(`weights:${place.buffer}`);
    for (let from = 0; from < place.bytes / 4; from += CHUNK) {
      const chunk = memory.subarray(0, Math.min(CHUNK, place.bytes / 4 - from));
      await read(name, from, chunk);
      device.write(buffer, place.offset + from * 4, chunk);
      done += chunk.byteLength;
      pending += chunk.byteLength;
      if (pending >= IN_FLIGHT) {
        await device.settled();
        pending = 0;
      }
      options.onProgress?.(done, total);
    }
  }
  await device.settled();
}

async function allocate(buffers: BufferSet, layout: WeightLayout, freeBytes: number | undefined): Promise<void> {
  const needed = layout.buffers.reduce((n, b) => n + b.bytes, 0);
  if (freeBytes !== undefined && needed > freeBytes) throw tooLarge(needed, freeBytes);
  let got = 0;
  for (const b of layout.buffers) {
    if (await buffers.tryEnsure(`weights:${b.name}`, b.bytes) === undefined) throw tooLarge(needed, got);
    got += b.bytes;
  }
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1048576)} MiB`;

const tooLarge = (needed: number, there: number): RicciError => new RicciError({
  code: 'device/out-of-memory',
  message: `The weights need ${mebibytes(needed)} of device memory, and there are ${mebibytes(there)}.`,
  hint: 'Use a smaller model, or a device with more memory.',
});
