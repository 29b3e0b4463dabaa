import { sizeValue, type Value } from '../../compiler/program.ts';
import { RicciError } from '../../dsl/errors.ts';
import { bufferKey, type BufferSet } from './buffers.ts';
import type { RunSizes } from './executable.ts';
import { waitFor } from './wait.ts';

/** Bytes that one mapping takes at most: staging memory stays small next to the model. */
const STAGING_BYTES = 1 << 24;

/** Sizes of a value's axes in one run. */
export const shapeOf = (value: Value, sizes: RunSizes): readonly number[] =>
  value.axes.map((a) => sizeValue(a.size, sizes));

const strideMax = (value: Value): readonly number[] => {
  const strides = value.axes.map(() => 1);
  for (let i = strides.length - 2; i >= 0; i--) {
    const next = value.axes[i + 1].size;
    strides[i] = strides[i + 1] * (typeof next === 'number' ? next : next.max);
  }
  return strides;
};

/**
 * The contiguous runs of a value whose axes are smaller than their bounds: each run's first element in memory and in
 * the dense tensor. Memory is laid out for the bounds, so a tensor of fewer entries is not contiguous.
 */
function* runs(
  value: Value,
  shape: readonly number[],
): Generator<{ readonly memory: number; readonly dense: number; readonly length: number }> {
  const strides = strideMax(value);
  let inner = shape.length;
  let length = 1;
  while (inner > 0 && strides[inner - 1] === length) length *= shape[--inner];
  const index = shape.slice(0, inner).map(() => 0);
  for (let dense = 0; dense < shape.reduce((n, s) => n * s, 1); dense += length) {
    yield { memory: index.reduce((n, v, d) => n + v * strides[d], 0), dense, length };
    for (let d = inner - 1; d >= 0; d--) {
      index[d] += 1;
      if (index[d] < shape[d]) break;
      index[d] = 0;
    }
  }
}

/** Writes a dense tensor of a run's sizes into a value. @throws `runtime/input-size` */
export function writeValue(
  device: GPUDevice,
  buffers: BufferSet,
  name: string,
  value: Value,
  sizes: RunSizes,
  data: Float32Array | Int32Array,
): void {
  const shape = shapeOf(value, sizes);
  const expected = shape.reduce((n, s) => n * s, 1);
  if (data.length !== expected) {
    throw new RicciError({
      code: 'runtime/input-size',
      message: `"${name}" has ${data.length} entries, and [${shape.join(', ')}] were expected.`,
      hint: 'Give one entry for each index, row by row.',
    });
  }
  const typed = value.dtype === 'i32' ? Int32Array.from(data) : Float32Array.from(data);
  const target = buffers.get(bufferKey(value.region));
  for (const r of runs(value, shape)) {
    device.queue.writeBuffer(target, value.region.offset + r.memory * 4, typed, r.dense, r.length);
  }
}

/** Reads a value as a dense tensor of a run's sizes. @throws `runtime/read` when the device is lost. */
export async function readValue(
  device: GPUDevice,
  buffers: BufferSet,
  value: Value,
  sizes: RunSizes,
): Promise<Float32Array | Int32Array> {
  const shape = shapeOf(value, sizes);
  const count = shape.reduce((n, s) => n * s, 1);
  const out = value.dtype === 'i32' ? new Int32Array(count) : new Float32Array(count);
  const source = buffers.get(bufferKey(value.region));
  for (const part of batches(value, shape)) {
    const bytes = part.reduce((n, r) => n + r.length * 4, 0);
    const staging = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    try {
      const encoder = device.createCommandEncoder();
      let at = 0;
      for (const r of part) {
        encoder.copyBufferToBuffer(source, value.region.offset + r.memory * 4, staging, at, r.length * 4);
        at += r.length * 4;
      }
      device.queue.submit([encoder.finish()]);
      await mapForReading(staging);
      const mapped = staging.getMappedRange();
      const view = value.dtype === 'i32' ? new Int32Array(mapped) : new Float32Array(mapped);
      let from = 0;
      for (const r of part) {
        out.set(view.subarray(from, from + r.length), r.dense);
        from += r.length;
      }
      staging.unmap();
    } finally {
      staging.destroy();
    }
  }
  return out;
}

interface Run { readonly memory: number; readonly dense: number; readonly length: number }

function* batches(value: Value, shape: readonly number[]): Generator<readonly Run[]> {
  const limit = STAGING_BYTES / 4;
  let batch: Run[] = [];
  let size = 0;
  for (const r of runs(value, shape)) {
    for (let done = 0; done < r.length; done += limit) {
      const length = Math.min(limit, r.length - done);
      if (size + length > limit && batch.length > 0) {
        yield batch;
        batch = [];
        size = 0;
      }
      batch.push({ memory: r.memory + done, dense: r.dense + done, length });
      size += length;
    }
  }
  if (batch.length > 0) yield batch;
}

async function mapForReading(staging: GPUBuffer): Promise<void> {
  try {
    await waitFor(staging.mapAsync(GPUMapMode.READ));
  } catch (cause) {
    throw new RicciError({
      code: 'runtime/read',
      message: `The GPU gave no result back: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'The device was lost; open it again.',
      cause,
    });
  }
}
