import type { Checkpoint, Variant } from '../../models/pldr/index.ts';
import { withReader } from '../../runtime/index.ts';
import { isFloatDtype } from '../../runtime/safetensors/dtype.ts';
import type { InterpretedModel } from './reading.ts';

/**
 * A checkpoint as the interpreter reads it, its weights in double precision: eight bytes for each.
 * @param variant how it makes G, instead of what its configuration names
 */
export async function interpretedModel({ config, tensors }: Checkpoint, variant?: Variant): Promise<InterpretedModel> {
  const weights = await withReader(async (reader) => {
    const read = new Map<string, Float64Array>();
    for (const [name, entry] of tensors) {
      if (isFloatDtype(entry.dtype)) read.set(name, await reader.readDoubles(entry));
    }
    return read;
  });
  return { config, weights, ...(variant === undefined ? {} : { variant }) };
}
