import { memoryStrides, sizeValue, type Value } from '../compiler/program.ts';
import { RicciError } from '../dsl/errors.ts';
import { bufferKey, type BufferSet } from './buffers.ts';
import type { DeviceMemory } from './memory.ts';
import { shapeOf, type RunSizes } from './sizes.ts';

const strideMax = (value: Value): readonly number[] => memoryStrides(value.axes.map((a) => sizeValue(a.size, {})));

/**
 * The contiguous runs of a value whose axes are smaller than their bounds, in the order of the dense tensor: each run's
 * first element in memory and in the dense tensor. Memory is laid out for the bounds, and rows begin where vectors do,
 * so that a tensor need not be contiguous.
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
  device: DeviceMemory,
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
    device.write(target, value.region.offset + r.memory * 4, typed.subarray(r.dense, r.dense + r.length));
  }
}

/** Reads a value as a dense tensor of a run's sizes. @throws `runtime/read` when the device is lost. */
export async function readValue(
  device: DeviceMemory,
  buffers: BufferSet,
  value: Value,
  sizes: RunSizes,
): Promise<Float32Array | Int32Array> {
  const ranges = Array.from(runs(value, shapeOf(value, sizes)), (r) => (
    { offset: value.region.offset + r.memory * 4, bytes: r.length * 4 }
  ));
  const dense = await device.read(buffers.get(bufferKey(value.region)), ranges);
  return value.dtype === 'i32' ? new Int32Array(dense) : new Float32Array(dense);
}
