import { access, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RicciError } from '../../dsl/errors.ts';
import { isFloatDtype } from '../../runtime/safetensors/dtype.ts';
import type { TensorEntry } from '../../runtime/safetensors/entry.ts';
import { withReader, type TensorReader } from '../../runtime/safetensors/reader.ts';
import { streamSafetensors, type StreamedTensor } from '../../runtime/safetensors/writer.ts';
import { openCheckpoint, type Checkpoint } from './checkpoint.ts';

/** A checkpoint and the folder that it is in. */
interface Opened {
  readonly folder: string;
  readonly checkpoint: Checkpoint;
}

/**
 * Writes the checkpoint whose weights are the means of several's, as those of one training often are better than each
 * of them (arXiv 1803.05407): in double precision, rounded to f32. The rest is the first one's.
 * @param folders checkpoints of one configuration
 * @throws RicciError `average/too-few`, `average/exists` where `out` has weights already, `average/other-model` with
 * all that differ from the first; and as `openCheckpoint`
 */
export async function averageCheckpoints(folders: readonly string[], out: string): Promise<void> {
  if (folders.length < 2) throw tooFew(folders.length);
  const target = join(out, 'model.safetensors');
  if (await access(target).then(() => true, () => false)) throw exists(target);
  const opened = await Promise.all(
    folders.map(async (folder): Promise<Opened> => ({ folder, checkpoint: await openCheckpoint(folder) })),
  );
  checkAlike(opened);
  const [{ folder, checkpoint: { tokenizerFile } }] = opened;
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'config.json'), await asF32(join(folder, 'config.json')));
  if (tokenizerFile !== undefined) await copyFile(tokenizerFile, join(out, basename(tokenizerFile)));
  // Last, so that a folder with weights is whole.
  await withReader((reader) => streamSafetensors(target, meansOf(opened.map(tensorsOf), reader), { format: 'pt' }));
}

const tensorsOf = ({ checkpoint: { tensors, heads } }: Opened): ReadonlyMap<string, TensorEntry> =>
  new Map([...tensors, ...heads]);

/** The configuration of a checkpoint, of which only the numbers' storage may be another. */
async function asF32(file: string): Promise<string> {
  const config: object = JSON.parse(await readFile(file, 'utf8'));
  return `${JSON.stringify({ ...config, torch_dtype: 'float32' }, null, 1)}\n`;
}

/** Entries that are read at once of each checkpoint. */
const CHUNK = 1 << 16;

function meansOf(all: readonly ReadonlyMap<string, TensorEntry>[], reader: TensorReader): readonly StreamedTensor[] {
  const [first] = all;
  return [...first].map(([name, { dtype, shape }]): StreamedTensor => {
    const entries = all.flatMap((tensors) => tensors.get(name) ?? []);
    if (!isFloatDtype(dtype)) return { name, dtype: 'BOOL', shape, chunks: () => flags(entries[0], reader) };
    return { name, dtype: 'F32', shape, chunks: () => means(entries, shape.reduce((n, s) => n * s, 1), reader) };
  });
}

async function* flags(entry: TensorEntry, reader: TensorReader): AsyncGenerator<Uint8Array> {
  yield Uint8Array.from(await reader.readIntegers(entry));
}

async function* means(
  entries: readonly TensorEntry[], count: number, reader: TensorReader,
): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < count; from += CHUNK) {
    const read = new Float32Array(Math.min(CHUNK, count - from));
    const sum = new Float64Array(read.length);
    for (const entry of entries) {
      await reader.readFloats(entry, from, read);
      read.forEach((x, i) => { sum[i] += x; });
    }
    yield new Uint8Array(Float32Array.from(sum, (x) => x / entries.length).buffer);
  }
}

function checkAlike([first, ...others]: readonly Opened[]): void {
  const shown = ({ checkpoint: { config } }: Opened): string => JSON.stringify(config);
  const shapes = (o: Opened): string =>
    JSON.stringify([...tensorsOf(o)].map(([name, { dtype, shape }]) => [name, isFloatDtype(dtype), shape]).sort());
  const isOther = (o: Opened): boolean => shown(o) !== shown(first) || shapes(o) !== shapes(first);
  const different = others.filter(isOther).map(({ folder }) => folder);
  if (different.length === 0) return;
  throw new RicciError({
    code: 'average/other-model',
    message: `${different.join(', ')} ${different.length > 1 ? 'are' : 'is'} of another model than ${first.folder}.`,
    hint: 'Average checkpoints of one training: their config.json and their tensors are the same.',
  });
}

const tooFew = (count: number): RicciError => new RicciError({
  code: 'average/too-few',
  message: `${count === 0 ? 'No checkpoint was' : 'One checkpoint alone was'} given to average.`,
  hint: 'Name the folders of two or more.',
});

const exists = (file: string): RicciError => new RicciError({
  code: 'average/exists',
  message: `There is a checkpoint in ${dirname(file)} already.`,
  hint: 'Name another folder with --out, or remove that one.',
});
