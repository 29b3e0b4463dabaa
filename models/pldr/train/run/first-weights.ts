import { RicciError } from '../../../../dsl/errors.ts';
import type { TensorEntry } from '../../../../runtime/safetensors/entry.ts';
import type { TensorReader } from '../../../../runtime/safetensors/reader.ts';
import type { ReadWeight } from '../../../../runtime/weights.ts';
import type { PldrConfig } from '../../config.ts';
import { initialChunks } from '../../initial-chunks.ts';
import { initialValues, type InitScheme } from '../../initial-values.ts';
import { randomStream } from '../../random-stream.ts';

/** Weights by name → shape: those that the configuration asks for, or that a variant of it reads. */
export type WeightShapes = ReadonlyMap<string, readonly number[]>;

/** New weights, as a new checkpoint has them: each is drawn from a stream of its own, and drawn once. */
export function newWeights(config: PldrConfig, shapes: WeightShapes, scheme: InitScheme, seed: number): ReadWeight {
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

/** Weights that lie in files. @param where names these in the error */
export const storedWeights = (
  tensors: ReadonlyMap<string, TensorEntry>, where: string, reader: TensorReader,
): ReadWeight => async (name, from, target) =>
  reader.readFloats(tensors.get(name) ?? missing(name, where), from, target);

function missing(name: string, where: string): never {
  throw new RicciError({
    code: 'checkpoint/no-weight',
    message: `Training needs the weight "${name}", which is not in ${where}.`,
    hint: 'Begin with a checkpoint of the same configuration, or with new weights.',
  });
}
