import { compile } from '../../compiler/compile.ts';
import type { ProgramSource } from '../../compiler/draft.ts';
import { encodeAll } from '../../compiler/encode.ts';
import { weightRows } from '../../compiler/passes/split.ts';
import { RicciError } from '../../dsl/errors.ts';
import { BufferSet } from '../../runtime/buffers.ts';
import type { Device, Executable } from '../../runtime/device.ts';
import { runOnce } from '../../runtime/run-once.ts';
import type { TensorEntry } from '../../runtime/safetensors/entry.ts';
import { withReader, type TensorReader } from '../../runtime/safetensors/reader.ts';
import { uploadWeights, type ReadWeight, type UploadOptions } from '../../runtime/weights.ts';
import type { Checkpoint } from './checkpoint.ts';
import { targetOf } from './target.ts';

/** Where a weight lies on disk, by its name in a checkpoint. */
export type EntryOf = (name: string) => TensorEntry;

/** The weights of a checkpoint, those of its heads too. The result throws `checkpoint/no-weight`. */
export const entriesOf = ({ tensors, heads }: Pick<Checkpoint, 'tensors' | 'heads'>): EntryOf => (name) =>
  tensors.get(name) ?? heads.get(name) ?? missing(name);

/** Reads weights as programs name them: whole, or some rows of one that is too large for a binding. */
export const readEntries = (entryOf: EntryOf, reader: TensorReader): ReadWeight => async (weight, from, target) => {
  const { name, rows } = weightRows(weight);
  const entry = entryOf(name);
  const perRow = entry.shape.slice(1).reduce((n, s) => n * s, 1);
  await reader.readFloats(entry, from + (rows?.start ?? 0) * perRow, target);
};

/** A program on a device, with its weights. */
export interface OpenProgram {
  readonly executable: Executable;
  /** All that it reads and writes. */
  readonly buffers: BufferSet;
}

/**
 * Compiles a program, loads its weights and makes what follows from these alone.
 * @throws `device/out-of-memory`, `weights/…`, and what `entryOf` throws
 */
export async function openProgram(
  device: Device, source: ProgramSource, entryOf: EntryOf, options: UploadOptions = {},
): Promise<OpenProgram> {
  const { programs: [program], layout, load } = encodeAll(compile([source], targetOf(device), undefined, () => 'f32'));
  const buffers = new BufferSet(device);
  try {
    await withReader((reader) => uploadWeights(device, buffers, layout, readEntries(entryOf, reader), options));
    if (load !== undefined) await runOnce(device, load, buffers);
    return { executable: await device.open(program, buffers), buffers };
  } catch (error) {
    buffers.destroy();
    throw error;
  }
}

function missing(weight: string): never {
  throw new RicciError({
    code: 'checkpoint/no-weight',
    message: `The model reads the weight "${weight}", and the checkpoint has none of that name.`,
    hint: 'A variant can read only the weights that its checkpoint has.',
  });
}
