import { join } from 'node:path';
import { writeJsonFile } from './atomic-file.ts';
import { DTYPE_BYTES, elementCount } from './dtype.ts';
import { streamSafetensors } from './writer.ts';
import type { Metadata, StreamedTensor } from './writer.ts';

/**
 * Writes shards `model-0000i-of-0000n.safetensors` and, last, `model.safetensors.index.json`.
 * @param shardBytes most bytes of data in one shard; a larger tensor gets a shard of its own
 * @throws as `streamSafetensors`
 */
export async function streamShards(
  dir: string,
  tensors: readonly StreamedTensor[],
  shardBytes: number,
  metadata: Metadata = {},
): Promise<void> {
  const shards = packShards(tensors, shardBytes);
  const label = (n: number): string => String(n).padStart(5, '0');
  const places: [string, string][] = [];
  for (const [i, shard] of shards.entries()) {
    const file = `model-${label(i + 1)}-of-${label(shards.length)}.safetensors`;
    await streamSafetensors(join(dir, file), shard, metadata);
    places.push(...shard.map(({ name }): [string, string] => [name, file]));
  }
  const total = tensors.reduce((sum, tensor) => sum + dataBytes(tensor), 0);
  const index = { metadata: { total_size: total }, weight_map: Object.fromEntries(places) };
  await writeJsonFile(join(dir, 'model.safetensors.index.json'), index);
}

/** Fills shards in order, each up to the limit. */
function packShards(tensors: readonly StreamedTensor[], limit: number): readonly (readonly StreamedTensor[])[] {
  const shards: StreamedTensor[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const bytes = dataBytes(tensor);
    if (bytes > room || shards.length === 0) {
      shards.push([]);
      room = limit;
    }
    shards.at(-1)!.push(tensor);
    room -= bytes;
  }
  return shards;
}

const dataBytes = ({ dtype, shape }: StreamedTensor): number => elementCount(shape) * DTYPE_BYTES[dtype];
