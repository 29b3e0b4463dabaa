import { mkdtempSync } from 'node:fs';
import { copyFile, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSafetensors, withReader, writeSafetensors, type WritableTensor } from '../../runtime/safetensors/index.ts';
import { caseFolder } from '../pldr/fixtures.ts';
import { framePieces, PIECE, writeModel } from '../tokenizer/model-writer.ts';

const CASE = 'v51G-identity';
/** One piece for each id that the model has after [PAD], [UNK], [START] and [END]. */
const CHARACTERS = '▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?-()+*/=';

/** The tokenizer file of a model with 80 tokens whose pieces are single characters: id 5 is a, 6 is b, … */
const tokenizerBytes = (): Uint8Array =>
  writeModel({
    pieces: [...framePieces, ...[...CHARACTERS].map((text) => ({ text, type: PIECE.normal, score: -1 }))],
  });

export interface Checkpoint {
  readonly dir: string;
  readonly config: string;
  readonly weights: string;
  readonly tokenizer: string;
}

/** A small checkpoint of its own in `folder`, whole and with a tokenizer; tests damage it as they need. */
export async function textCheckpoint(folder: string, name = CASE): Promise<Checkpoint> {
  const dir = mkdtempSync(join(folder, 'checkpoint-'));
  const files = {
    dir,
    config: join(dir, 'config.json'),
    weights: join(dir, 'model.safetensors'),
    tokenizer: join(dir, 'tokenizer.model'),
  };
  await copyFile(join(caseFolder(name), 'config.json'), files.config);
  await copyFile(join(caseFolder(name), 'model.safetensors'), files.weights);
  await writeFile(files.tokenizer, tokenizerBytes());
  return files;
}

/** Overwrites the first number of a float32 tensor in a file. */
export async function overwrite(file: string, tensor: string, value: number): Promise<void> {
  const entry = (await openSafetensors(file)).tensors.get(tensor);
  if (entry === undefined) throw new Error(`no tensor ${tensor}`);
  const handle = await open(file, 'r+');
  await handle.write(new Uint8Array(Float32Array.of(value).buffer), 0, 4, entry.start);
  await handle.close();
}

/** Changes keys of a config.json. */
export async function changeConfig(file: string, changes: Readonly<Record<string, unknown>>): Promise<void> {
  const config: unknown = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify(Object.assign({}, config, changes)));
}

/** A checkpoint whose G is to come from outside, and is not there. */
export async function withoutG(folder: string): Promise<Checkpoint> {
  const checkpoint = await textCheckpoint(folder);
  await changeConfig(checkpoint.config, { custom_G_type: 'external' });
  const tensors: Record<string, WritableTensor> = {};
  const { tensors: all } = await openSafetensors(checkpoint.weights);
  await withReader(async (reader) => {
    for (const [name, entry] of all) {
      if (name.startsWith('decoder.past_G_values')) continue;
      tensors[name] = { dtype: 'F32', shape: entry.shape, data: Float32Array.from(await reader.readDoubles(entry)) };
    }
  });
  await writeSafetensors(checkpoint.weights, tensors);
  return checkpoint;
}
