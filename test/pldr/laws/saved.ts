import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { configJson } from '../../../models/pldr/config-json.ts';
import { parameterShapes } from '../../../models/pldr/parameters.ts';
import { writeJsonFile } from '../../../runtime/safetensors/atomic-file.ts';
import { narrowToBf16, narrowToF16, widenBf16, widenF16 } from '../../../runtime/safetensors/half.ts';
import { streamShards } from '../../../runtime/safetensors/shard-writer.ts';
import { streamSafetensors, type StreamedTensor } from '../../../runtime/safetensors/writer.ts';
import type { InterpretedModel } from '../../../verify/interpreted/reading.ts';

export interface FileOptions {
  readonly dtype?: 'F32' | 'BF16' | 'F16';
  /** Tensors from last to first. */
  readonly reversed?: boolean;
  /** Several files of at most so many bytes. */
  readonly shardBytes?: number;
}

const TORCH = { F32: 'float32', BF16: 'bfloat16', F16: 'float16' } as const;

/** Writes a model as a checkpoint folder. */
export async function saved(
  { config, weights }: InterpretedModel,
  folder: string,
  { dtype = 'F32', reversed, shardBytes }: FileOptions = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const named = [...parameterShapes(config)].map(([name, shape]): StreamedTensor => {
    const data = encoded(Float32Array.from(weights.get(name) ?? []), dtype);
    return { name, dtype, shape, chunks: () => [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)] };
  });
  const tensors = reversed === true ? named.reverse() : named;
  if (shardBytes === undefined) await streamSafetensors(join(folder, 'model.safetensors'), tensors);
  else await streamShards(folder, tensors, shardBytes, {});
  await writeJsonFile(join(folder, 'config.json'), configJson(config, TORCH[dtype]));
  return folder;
}

function encoded(data: Float32Array, dtype: 'F32' | 'BF16' | 'F16'): Float32Array | Uint16Array {
  switch (dtype) {
    case 'F32':
      return data;
    case 'BF16':
      return narrowToBf16(data);
    case 'F16':
      return narrowToF16(data);
  }
}

/** The model with every weight rounded to what a half type holds. */
export function roundedTo(dtype: 'BF16' | 'F16', model: InterpretedModel): InterpretedModel {
  const [narrow, widen] = dtype === 'BF16' ? [narrowToBf16, widenBf16] : [narrowToF16, widenF16];
  const rounded = (data: Float64Array): Float64Array => {
    const wide = new Float32Array(data.length);
    widen(narrow(Float32Array.from(data)), wide);
    return Float64Array.from(wide);
  };
  return { ...model, weights: new Map([...model.weights].map(([name, data]) => [name, rounded(data)])) };
}
