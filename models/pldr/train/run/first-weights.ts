import { RicciError } from '../../../../dsl/errors.ts';
import type { TensorEntry } from '../../../../runtime/safetensors/entry.ts';
import { openSafetensors } from '../../../../runtime/safetensors/open.ts';
import type { TensorReader } from '../../../../runtime/safetensors/reader.ts';
import type { ReadWeight } from '../../../../runtime/weights.ts';
import type { PldrConfig } from '../../config.ts';
import { initialChunks } from '../../initial-chunks.ts';
import { initialValues, type InitScheme } from '../../initial-values.ts';
import { parameterShapes } from '../../parameters.ts';
import { randomStream } from '../../random-stream.ts';

/**
 * New weights, as `ricci` writes them into a new checkpoint: each is drawn from a stream of its own, and drawn once.
 */
export function newWeights(config: PldrConfig, scheme: InitScheme, seed: number): ReadWeight {
  const shapes = parameterShapes(config);
  let held: { readonly name: string; readonly values: Float32Array } | undefined;
  const valuesOf = (name: string): Float32Array => {
    if (held?.name === name) return held.values;
    const shape = shapes.get(name) ?? missing(name, 'the configuration');
    const values = new Float32Array(shape.reduce((n, s) => n * s, 1));
    let at = 0;
    for (const bytes of initialChunks(initialValues(name, shape, config, scheme), shape, 'F32', randomStream(seed, name))) {
      const chunk = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Float32Array.BYTES_PER_ELEMENT);
      values.set(chunk, at);
      at += chunk.length;
    }
    held = { name, values };
    return values;
  };
  return async (name, from, target) => target.set(valuesOf(name).subarray(from, from + target.length));
}

/** Weights of files of tensors, by the tensors' names. */
export async function storedWeights(files: readonly string[], reader: TensorReader): Promise<ReadWeight> {
  const entries = new Map<string, TensorEntry>();
  for (const file of files) for (const [name, entry] of (await openSafetensors(file)).tensors) entries.set(name, entry);
  return async (name, from, target) =>
    reader.readFloats(entries.get(name) ?? missing(name, files.join(' and ')), from, target);
}

function missing(name: string, where: string): never {
  throw new RicciError({
    code: 'checkpoint/no-weight',
    message: `Training needs the weight "${name}", which is not in ${where}.`,
    hint: 'Begin with a checkpoint of the same configuration, or with new weights.',
  });
}
