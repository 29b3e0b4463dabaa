import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RicciError } from '../../../../dsl/errors.ts';
import { stepOfName } from './checkpoint-name.ts';
import { readTrainingState } from './training-state.ts';
import type { TrainingState } from './training-state.ts';

export interface FoundCheckpoint {
  readonly path: string;
  readonly step: number;
}

/** The checkpoints in a folder by rising step: those whose files are all there at their full sizes. */
export async function checkpointsIn(folder: string): Promise<readonly FoundCheckpoint[]> {
  const names = await readdir(folder).catch(() => []);
  const found = names.flatMap((name) => {
    const step = stepOfName(name);
    return step === undefined ? [] : [{ path: join(folder, name), step }];
  });
  const whole = await Promise.all(found.map(({ path }) => isWhole(path)));
  return found.filter((_, i) => whole[i]).sort((a, b) => a.step - b.step);
}

/** Whether a folder holds a checkpoint all of whose files have the sizes with which they were written. */
export async function isWhole(folder: string): Promise<boolean> {
  const state = await readTrainingState(folder).catch(() => undefined);
  if (state === undefined) return false;
  const sizes = await Promise.all(
    Object.entries(state.files).map(async ([name, { bytes }]) => {
      const found = await stat(join(folder, name)).catch(() => undefined);
      return found?.size === bytes;
    }),
  );
  return sizes.every(Boolean);
}

/** The newest checkpoint whose files hold what was written; undefined where there is none. Reads all of its files. */
export async function latestCheckpoint(folder: string): Promise<FoundCheckpoint | undefined> {
  for (const found of (await checkpointsIn(folder)).toReversed()) if (await isSound(found.path)) return found;
  return undefined;
}

/** Whether a folder holds a checkpoint all of whose files hold what was written. Reads all of them. */
export const isSound = async (folder: string): Promise<boolean> =>
  (await isWhole(folder)) && (await damagedFiles(folder)).length === 0;

/**
 * The state of a checkpoint whose files hold what was written.
 * @throws RicciError `checkpoint/damaged` that names every file which does not, and what `readTrainingState` throws
 */
export async function checkedState(folder: string): Promise<TrainingState> {
  const damaged = await damagedFiles(folder);
  if (damaged.length === 0) return readTrainingState(folder);
  throw new RicciError({
    code: 'checkpoint/damaged',
    message: `${damaged.join(', ')} in ${folder} ${damaged.length > 1 ? 'are' : 'is'} not as it was written.`,
    hint: 'Go on from an earlier checkpoint.',
  });
}

async function damagedFiles(folder: string): Promise<readonly string[]> {
  const { files } = await readTrainingState(folder);
  const damaged: string[] = [];
  for (const [name, { sha256 }] of Object.entries(files)) {
    const hash = await hashOfFile(join(folder, name)).catch(() => undefined);
    if (hash !== sha256) damaged.push(name);
  }
  return damaged;
}

async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
