import { dirname, isAbsolute, join } from 'node:path';
import { RicciError } from '../../dsl/errors.ts';
import type { TensorEntry, TensorFile } from './entry.ts';
import { isJsonObject, readJsonFile, showJson } from './json.ts';
import { openSafetensors } from './open.ts';
import { problemsError } from './problems.ts';

/**
 * Opens every shard named by the `weight_map` of a `model.safetensors.index.json` and checks that each tensor
 * is where the map says. Tensors that the map does not name are left out.
 * @throws RicciError `weights/missing-file`, `weights/not-json`, or `weights/index` with every problem of the
 * index and of all shards
 */
export async function openSharded(indexJson: string): Promise<TensorFile> {
  const problems: string[] = [];
  const places = readWeightMap(await readJsonFile(indexJson, 'weights'), problems);
  const shards = await openShards(dirname(indexJson), new Set(places.values()), problems);
  const tensors = [...places].flatMap(([name, file]): TensorEntry[] => {
    const shard = shards.get(file);
    const entry = shard?.tensors.get(name);
    if (shard !== undefined && entry === undefined) problems.push(`${showJson(name)} is not in ${file}`);
    return entry === undefined ? [] : [entry];
  });
  if (problems.length > 0) {
    throw problemsError({
      code: 'weights/index',
      subject: `${indexJson} and its shards are not a complete set of weights`,
      problems,
      hint: 'Download the missing or damaged shards again, next to the index.',
    });
  }
  const metadata = Object.fromEntries([...shards.values()].flatMap((shard) => Object.entries(shard.metadata)));
  return { tensors: new Map(tensors.map((entry) => [entry.name, entry])), metadata };
}

/** Tensor name → shard file name. */
function readWeightMap(index: unknown, problems: string[]): ReadonlyMap<string, string> {
  const map = isJsonObject(index) ? index['weight_map'] : undefined;
  if (!isJsonObject(map)) {
    problems.push(`weight_map is ${showJson(map)}, not an object of tensor name to file name`);
    return new Map();
  }
  const places = new Map<string, string>();
  for (const [name, file] of Object.entries(map)) {
    if (typeof file !== 'string') problems.push(`weight_map ${showJson(name)} is ${showJson(file)}, not a file name`);
    // An index from the network must not make us open files outside its folder.
    else if (isAbsolute(file) || file.split(/[\\/]/).includes('..')) {
      problems.push(`weight_map ${showJson(name)} points outside the folder: ${showJson(file)}`);
    } else places.set(name, file);
  }
  return places;
}

async function openShards(
  folder: string,
  files: ReadonlySet<string>,
  problems: string[],
): Promise<ReadonlyMap<string, TensorFile>> {
  const shards = new Map<string, TensorFile>();
  for (const file of [...files].sort()) {
    try {
      shards.set(file, await openSafetensors(join(folder, file)));
    } catch (error) {
      if (!(error instanceof RicciError)) throw error;
      problems.push(error.message.replaceAll('\n', '\n    '));
    }
  }
  return shards;
}
