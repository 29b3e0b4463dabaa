import type { Checkpoint } from '../../models/pldr/index.ts';
import { withReader } from '../../runtime/index.ts';
import { isFloatDtype } from '../../runtime/safetensors/dtype.ts';
import type { InterpretedModel } from './reading.ts';

/** A checkpoint as the interpreter reads it, its weights in double precision: eight bytes for each. */
export async function interpretedModel({ config, tensors }: Checkpoint): Promise<InterpretedModel> {
  const weights = await withReader(async (reader) => {
    const read = new Map<string, Float64Array>();
    for (const [name, entry] of tensors) {
      if (isFloatDtype(entry.dtype)) read.set(name, await reader.readDoubles(entry));
    }
    return read;
  });
  return { config, weights };
}
