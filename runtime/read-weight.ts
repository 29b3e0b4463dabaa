import { STORED_BYTES, weightEntries, type WeightLayout } from '../compiler/program.ts';
import { RicciError } from '../dsl/errors.ts';
import type { BufferSet } from './buffers.ts';
import type { DeviceMemory } from './memory.ts';

/**
 * Reads a weight back as the loader was given it, row by row: what programs that update weights have made of it.
 * @param from number of the first entry
 * @param count how many; all from there on, where nothing is said
 * @throws RicciError `weights/unknown`, `weights/storage` where it is not kept as f32, `weights/range`
 */
export async function readWeight(
  device: DeviceMemory, buffers: BufferSet, layout: WeightLayout, name: string, from = 0, count?: number,
): Promise<Float32Array<ArrayBuffer>> {
  const place = layout.weights[name];
  if (place === undefined) {
    throw new RicciError({
      code: 'weights/unknown', message: `No weight of these programs is called "${name}".`,
      hint: `There are: ${Object.keys(layout.weights).join(', ')}.`,
    });
  }
  if (place.storage !== undefined && place.storage !== 'f32') {
    throw new RicciError({
      code: 'weights/storage',
      message: `The weight "${name}" is kept as ${place.storage}, which is not what it was given.`,
      hint: 'Read weights that are kept as f32.',
    });
  }
  const entries = weightEntries(place);
  const end = from + (count ?? entries - from);
  if (from < 0 || end < from || end > entries) {
    throw new RicciError({
      code: 'weights/range',
      message: `The weight "${name}" has ${entries} entries, and ${from} to ${end} were asked for.`,
      hint: 'Ask for entries that it has.',
    });
  }
  if (end === from) return new Float32Array();
  const { entries: row, pitch } = place.rows ?? { entries, pitch: entries };
  const inMemory = (entry: number): number => Math.floor(entry / row) * pitch + (entry % row);
  const [first, last] = [inMemory(from), inMemory(end - 1)];
  const range = { offset: place.offset + first * STORED_BYTES.f32, bytes: (last + 1 - first) * STORED_BYTES.f32 };
  const memory = new Float32Array(await device.read(buffers.get(`weights:${place.buffer}`), [range]));
  return withoutGaps(memory, { row, pitch, from, end });
}

interface Rows {
  readonly row: number;
  readonly pitch: number;
  /** The first entry, and the one after the last. */
  readonly from: number;
  readonly end: number;
}

/** Moves rows together that lie apart. */
function withoutGaps(
  memory: Float32Array<ArrayBuffer>, { row, pitch, from, end }: Rows,
): Float32Array<ArrayBuffer> {
  if (row === pitch) return memory;
  let done = 0;
  for (let entry = from; entry < end;) {
    const length = Math.min(row - (entry % row), end - entry);
    const at = Math.floor(entry / row) * pitch + (entry % row) - (Math.floor(from / row) * pitch + (from % row));
    memory.copyWithin(done, at, at + length);
    done += length;
    entry += length;
  }
  return memory.slice(0, done);
}
