import { memoryStrides } from '../../../compiler/program.ts';
import { bufferKey } from '../../../runtime/buffers.ts';
import { shapeOf } from '../../../runtime/sizes.ts';
import { wrongResult } from '../wrong.ts';
import type { Place } from './kernel.ts';
import type { OpenKernel } from './open-kernel.ts';

/** Entries of a result that are computed again in double precision. */
const SAMPLES = 61;

/**
 * Of the size of what is summed, what rounding may change. Largest where the other factor is rounded to 16 bits, for
 * weights of 8: then each term moves by at most 1/65534 of the largest number, which is twice the mean.
 */
const TOLERANCE = 4e-5;

/** Runs a kernel once and compares entries spread over its result. @throws RicciError `bench/wrong` */
export async function checkKernel({ device, kernel, program, buffers, executable }: OpenKernel): Promise<void> {
  device.submit((commands) => commands.run(executable, {}));
  const value = program.outputs['out'];
  const shape = shapeOf(value, {});
  const count = shape.reduce((n, s) => n * s, 1);
  const samples = Math.min(SAMPLES, count);
  const entries = Array.from({ length: samples }, (_, s) => Math.floor((s * count) / samples));
  const names = value.axes.map((a) => a.name);
  const strides = memoryStrides(shape);
  const ranges = entries.map((i) => {
    const place = placeOf(i, shape, names);
    const at = names.reduce((sum, name, d) => sum + place[name] * strides[d], 0);
    return { offset: value.region.offset + 4 * at, bytes: 4 };
  });
  const got = new Float32Array(await device.read(buffers.get(bufferKey(value.region)), ranges));
  entries.forEach((i, s) => {
    const expected = kernel.entry(placeOf(i, shape, names));
    if (Math.abs(got[s] - expected.value) <= TOLERANCE * expected.size) return;
    throw wrongResult(`${kernel.name} (${kernel.storage}): entry ${i} is ${got[s]} and should be ${expected.value}.`);
  });
}

/** The index along each axis of an entry of a row-major tensor. */
function placeOf(entry: number, shape: readonly number[], names: readonly string[]): Place {
  const place: Record<string, number> = {};
  let rest = entry;
  for (let d = shape.length - 1; d >= 0; d--) {
    place[names[d]] = rest % shape[d];
    rest = Math.floor(rest / shape[d]);
  }
  return place;
}
