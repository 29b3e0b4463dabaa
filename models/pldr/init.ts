import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RicciError } from '../../dsl/errors.ts';
import { writeJsonFile } from '../../runtime/safetensors/atomic-file.ts';
import { streamShards } from '../../runtime/safetensors/shard-writer.ts';
import { streamSafetensors } from '../../runtime/safetensors/writer.ts';
import type { StreamedTensor } from '../../runtime/safetensors/writer.ts';
import type { PldrConfig } from './config.ts';
import { configJson } from './config-json.ts';
import type { TorchDtype } from './config-json.ts';
import { initialValues } from './initial-values.ts';
import type { InitialValues, InitScheme } from './initial-values.ts';
import { initialChunks } from './initial-chunks.ts';
import type { WeightDtype } from './initial-chunks.ts';
import { GIVEN_G, GIVEN_G_STATUS, parameterShapes } from './parameters.ts';
import { randomStream } from './random-stream.ts';

export interface InitOptions {
  /** Split the weights into shards of at most this many bytes of data; a larger tensor gets a shard of its own. */
  readonly shardBytes?: number;
  /** Default `authors`. */
  readonly scheme?: InitScheme;
  /** Which weights there are, name → shape: those that the configuration asks for, where nothing is said. */
  readonly shapes?: ReadonlyMap<string, readonly number[]>;
  /** What an operator that is given to the model is [layer, head, row, col], instead of what its configuration says. */
  readonly G?: Float32Array;
}

const TORCH_DTYPE: Readonly<Record<WeightDtype, TorchDtype>> = { F32: 'float32', BF16: 'bfloat16', F16: 'float16' };

/**
 * Writes a checkpoint with freshly initialised weights: config.json and model.safetensors, or shards and their
 * index. Each tensor is drawn from its own stream, so the same seed gives the same values for every sharding.
 * Host memory stays below a few megabytes, whatever the model's size.
 * @throws RicciError `checkpoint/exists` when `dir` already holds a checkpoint, `weights/write-failed`
 */
export async function randomCheckpoint(
  config: PldrConfig,
  dir: string,
  seed: number,
  dtype: WeightDtype,
  options: InitOptions = {},
): Promise<void> {
  await claimFolder(dir);
  const tensors = [...(options.shapes ?? parameterShapes(config))].map(([name, shape]): StreamedTensor => {
    const values: InitialValues = name === GIVEN_G && options.G !== undefined ? { kind: 'given-g', g: options.G }
      : initialValues(name, shape, config, options.scheme ?? 'authors');
    const stored = name === GIVEN_G_STATUS ? 'BOOL' : dtype;
    return { name, dtype: stored, shape, chunks: () => initialChunks(values, shape, stored, randomStream(seed, name)) };
  });
  const metadata = { format: 'pt' };
  if (options.shardBytes === undefined) await streamSafetensors(join(dir, 'model.safetensors'), tensors, metadata);
  else await streamShards(dir, tensors, options.shardBytes, metadata);
  // Last, so that a folder with a config.json is a whole checkpoint.
  await writeJsonFile(join(dir, 'config.json'), configJson(config, TORCH_DTYPE[dtype]));
}

async function claimFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
    const present = (await readdir(dir)).filter((file) => file === 'config.json' || file.startsWith('model'));
    if (present.length === 0) return;
    throw new RicciError({
      code: 'checkpoint/exists',
      message: `${dir} already holds ${present.join(', ')}.`,
      hint: 'Choose another folder, or delete this one first.',
    });
  } catch (cause) {
    if (cause instanceof RicciError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const hint = 'Choose a folder that you may write to.';
    throw new RicciError({ code: 'weights/write-failed', message: `${dir} cannot be used: ${reason}.`, hint, cause });
  }
}
