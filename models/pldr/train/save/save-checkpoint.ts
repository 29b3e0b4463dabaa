import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { RicciError } from '../../../../dsl/errors.ts';
import type { JsonObject } from '../../../../runtime/safetensors/json.ts';
import { safetensorsBytes } from '../../../../runtime/safetensors/writer.ts';
import type { StreamedTensor } from '../../../../runtime/safetensors/writer.ts';
import type { PldrConfig } from '../../config.ts';
import { configJson } from '../../config-json.ts';
import type { TorchDtype } from '../../config-json.ts';
import { checkpointName, temporaryName } from './checkpoint-name.ts';
import { disk } from './disk.ts';
import type { Disk } from './disk.ts';
import { isSound } from './find-checkpoints.ts';
import { MOMENTS_FILE, STATE_FILE } from './training-state.ts';
import type { TrainingProgress, TrainingState, WrittenFile } from './training-state.ts';

/** All that a checkpoint holds. */
export interface CheckpointContents {
  readonly model: PldrConfig;
  /** Keys of config.json that go before the model's own. */
  readonly described?: JsonObject;
  /** In which the weights are stored. */
  readonly dtype: TorchDtype;
  /** By their names in Hugging Face's layout. */
  readonly weights: readonly StreamedTensor[];
  /** The optimiser's moments. */
  readonly moments: readonly StreamedTensor[];
  readonly progress: TrainingProgress;
  /** Files to be copied as they are: tokenizer.model and its like. */
  readonly copied: readonly string[];
}

/**
 * Writes the checkpoint of a step into `folder`, whole or not at all: a temporary folder beside it is filled, flushed
 * to the disk and renamed. A sound checkpoint of the step is left as it is.
 * @returns the checkpoint's folder
 * @throws RicciError `checkpoint/save-failed` when the disk refuses; what was there before is untouched
 */
export async function saveCheckpoint(folder: string, contents: CheckpointContents, on: Disk = disk): Promise<string> {
  const { step } = contents.progress;
  const target = join(folder, checkpointName(step));
  if (await isSound(target)) return target;
  const temporary = join(folder, temporaryName(step, randomBytes(6).toString('hex')));
  try {
    await on.makeFolder(temporary);
    await writeAll(temporary, contents, on);
    await on.flushFolder(temporary);
    // Only a damaged checkpoint can be in the way.
    await on.remove(target);
    await on.rename(temporary, target);
    await on.flushFolder(folder);
    return target;
  } catch (cause) {
    // What went wrong first is what the caller has to know, even when tidying up fails too.
    await on.remove(temporary).catch(() => undefined);
    throw saveFailed(target, cause);
  }
}

async function writeAll(folder: string, contents: CheckpointContents, on: Disk): Promise<void> {
  const { weights, moments, model, described, dtype, progress, copied } = contents;
  const files: Record<string, WrittenFile> = {};
  const write = async (name: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> => {
    files[name] = await writeFile(join(folder, name), chunks, on);
  };
  const tensors = (name: string, list: readonly StreamedTensor[]): AsyncIterable<Uint8Array> =>
    safetensorsBytes(join(folder, name), list, { format: 'pt' });
  await write('model.safetensors', tensors('model.safetensors', weights));
  await write(MOMENTS_FILE, tensors(MOMENTS_FILE, moments));
  await write('config.json', jsonBytes({ ...configJson(model, dtype), ...described }));
  for (const path of copied) await write(basename(path), [await readFile(path)]);
  const state: TrainingState = { version: 1, ...progress, files: { ...files } };
  await write(STATE_FILE, jsonBytes(state));
}

const jsonBytes = (value: unknown): readonly Uint8Array[] => [Buffer.from(`${JSON.stringify(value, null, 2)}\n`)];

async function writeFile(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  on: Disk,
): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await on.create(path);
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      await file.write(chunk);
    }
    await file.flush();
  } finally {
    await file.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

function saveFailed(target: string, cause: unknown): RicciError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RicciError({
    code: 'checkpoint/save-failed',
    message: `${target} could not be saved: ${reason}.`,
    hint: 'Make room on the disk, or check that you may write there. Checkpoints saved before are still whole.',
    cause,
  });
}
