import { RicciError } from '../../dsl/errors.ts';
import type { ByteRange } from '../memory.ts';
import type { Waiting } from './wait.ts';

/** Bytes that one mapping takes at most: staging memory stays small next to the model. */
const STAGING_BYTES = 1 << 24;

/** The bytes of all ranges, one after the other. @throws RicciError `runtime/read` when the device is lost */
export async function readRanges(
  gpu: GPUDevice,
  source: GPUBuffer,
  ranges: readonly ByteRange[],
  waiting: Waiting,
): Promise<ArrayBuffer> {
  const out = new Uint8Array(ranges.reduce((n, r) => n + r.bytes, 0));
  let done = 0;
  for (const batch of batches(ranges)) {
    const staging = stage(gpu, source, batch);
    try {
      await mapForReading(staging, waiting);
      out.set(new Uint8Array(staging.getMappedRange()), done);
      done += staging.size;
      staging.unmap();
    } finally {
      staging.destroy();
    }
  }
  return out.buffer;
}

/** Submits the copies of some ranges into a buffer that the host can map. */
function stage(gpu: GPUDevice, source: GPUBuffer, batch: readonly ByteRange[]): GPUBuffer {
  const size = batch.reduce((n, r) => n + r.bytes, 0);
  const staging = gpu.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = gpu.createCommandEncoder();
  let at = 0;
  for (const { offset, bytes } of batch) {
    encoder.copyBufferToBuffer(source, offset, staging, at, bytes);
    at += bytes;
  }
  gpu.queue.submit([encoder.finish()]);
  return staging;
}

/** The ranges in their order, in batches that fit one mapping each; a longer range is cut. */
function* batches(ranges: readonly ByteRange[]): Generator<readonly ByteRange[]> {
  let batch: ByteRange[] = [];
  let size = 0;
  for (const r of ranges) {
    for (let done = 0; done < r.bytes; done += STAGING_BYTES) {
      const bytes = Math.min(STAGING_BYTES, r.bytes - done);
      if (size + bytes > STAGING_BYTES) {
        yield batch;
        batch = [];
        size = 0;
      }
      batch.push({ offset: r.offset + done, bytes });
      size += bytes;
    }
  }
  if (batch.length > 0) yield batch;
}

async function mapForReading(staging: GPUBuffer, waiting: Waiting): Promise<void> {
  try {
    await waiting.for(staging.mapAsync(GPUMapMode.READ));
  } catch (cause) {
    throw new RicciError({
      code: 'runtime/read',
      message: `The GPU gave no result back: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'The device was lost; open it again.',
      cause,
    });
  }
}
