import { STORED_BYTES, weightEntries, type WeightLayout, type WeightPlace } from '../compiler/program.ts';
import { RicciError } from '../dsl/errors.ts';
import type { BufferSet } from './buffers.ts';
import type { Device } from './device.ts';
import type { Words } from './memory.ts';
import { bf16Words, f16Words, firstBeyondF16, int8Words, quantized } from './narrow.ts';

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
 * Makes the weight buffers and fills them with the weights of a checkpoint, each in the storage that the layout says;
 * derived weights are left to a load program.
 * @throws `device/out-of-memory` that says how much is needed and how much there is, `weights/range`
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
  let memory = new Float32Array(CHUNK);
  let done = 0;
  let pending = 0;
  for (const [name, place] of given) {
    const entries = weightEntries(place);
    const { entries: row, pitch } = place.rows ?? { entries: 1, pitch: 1 };
    const step = chunkOf(place);
    if ((step / row) * pitch > memory.length) memory = new Float32Array((step / row) * pitch);
    for (let from = 0; from < entries; from += step) {
      const chunk = memory.subarray(0, Math.min(step, entries - from));
      await read(name, from, chunk);
      if (place.storage === 'f16') checkF16(name, from, chunk);
      const laid = laidOut(memory, chunk.length, place);
      const written = writeStored(device, buffers, layout, place, (from / row) * pitch, laid);
      done += written;
      pending += written;
      if (pending >= IN_FLIGHT) {
        await device.settled();
        pending = 0;
      }
      options.onProgress?.(done, total);
    }
  }
  await device.settled();
}

/** Entries that are read at a time: whole rows, and whole words, of what is scaled by rows or whose rows lie apart. */
function chunkOf({ rows: apart, scales }: WeightPlace): number {
  const row = apart?.entries ?? scales?.row;
  if (row === undefined) return CHUNK;
  const rows = 4 * row;
  return Math.max(rows, CHUNK - (CHUNK % rows));
}

/** The numbers at the beginning of a memory, with rows as far apart as they are to be kept and zeros between them. */
function laidOut(memory: Float32Array, count: number, { rows }: WeightPlace): Float32Array {
  if (rows === undefined) return memory.subarray(0, count);
  const { entries, pitch } = rows;
  // From the last row on, so that none is written over before it has moved.
  for (let r = count / entries - 1; r >= 0; r--) {
    memory.copyWithin(r * pitch, r * entries, (r + 1) * entries);
    memory.fill(0, r * pitch + entries, (r + 1) * pitch);
  }
  return memory.subarray(0, (count / entries) * pitch);
}

/** Writes some of a weight as it is kept, from an entry of its memory on. @returns how many bytes */
function writeStored(
  device: Device, buffers: BufferSet, layout: WeightLayout, place: WeightPlace, from: number, chunk: Float32Array,
): number {
  const write = (to: WeightPlace, entry: number, data: Words): number => {
    device.write(buffers.get(`weights:${to.buffer}`), to.offset + entry * STORED_BYTES[to.storage ?? 'f32'], data);
    return data.byteLength;
  };
  switch (place.storage ?? 'f32') {
    case 'f32': return write(place, from, chunk);
    case 'bf16': return write(place, from, bf16Words(chunk));
    case 'f16': return write(place, from, f16Words(chunk));
    case 'int8': break;
  }
  const scale = place.scales === undefined ? undefined : layout.weights[place.scales.weight];
  // A program may ask for integers themselves: then nothing scales them.
  if (place.scales === undefined || scale === undefined) return write(place, from, int8Words(chunk));
  const row = place.rows?.pitch ?? place.scales.row;
  const { integers, scales } = quantized(chunk, row);
  const first = place.scales.first + from / row;
  for (const { entry, at, count } of runsInMemory(scale, first, scales.length)) {
    write(scale, entry, scales.subarray(at, at + count));
  }
  return write(place, from, integers);
}

/** Where so many of a weight's numbers lie side by side in memory, from the `first` of them on. */
function* runsInMemory(
  { rows }: WeightPlace, first: number, numbers: number,
): Generator<{ readonly entry: number; readonly at: number; readonly count: number }> {
  const { entries, pitch } = rows ?? { entries: Infinity, pitch: 0 };
  for (let at = 0; at < numbers;) {
    const column = (first + at) % entries;
    const count = Math.min(entries - column, numbers - at);
    yield { entry: Math.floor((first + at) / entries) * pitch + column, at, count };
    at += count;
  }
}

/** A number that f16 cannot hold would become infinite, and with it all that is computed from it. */
function checkF16(name: string, from: number, chunk: Float32Array): void {
  const at = firstBeyondF16(chunk);
  if (at === undefined) return;
  throw new RicciError({
    code: 'weights/range',
    message: `The weight "${name}" holds ${chunk[at]} at its entry ${from + at}, ` +
      'and f16 holds numbers from -65504 to 65504.',
    hint: 'Keep the weights as bf16, which has the range of f32, or as f32.',
  });
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
