import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isTemporaryName, temporaryName } from './checkpoint-name.ts';
import { disk } from './disk.ts';
import type { Disk } from './disk.ts';
import { checkpointsIn } from './find-checkpoints.ts';
import type { FoundCheckpoint } from './find-checkpoints.ts';

/** Removes all but the newest `count` (>= 1) checkpoints. */
export async function keepLast(folder: string, count: number, on: Disk = disk): Promise<void> {
  const found = await checkpointsIn(folder);
  for (const old of found.slice(0, Math.max(0, found.length - count))) await removeCheckpoint(old, on);
}

/** Removes the checkpoints after a step, for a training that goes on from that step anew. */
export async function discardAfter(folder: string, step: number, on: Disk = disk): Promise<void> {
  for (const found of await checkpointsIn(folder)) if (found.step > step) await removeCheckpoint(found, on);
}

/** Removes what a training that was killed while it saved has left. Only the holder of the folder's lock may. */
export async function removeLeftovers(folder: string, on: Disk = disk): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter(isTemporaryName)) await on.remove(join(folder, name));
}

/** Renamed first, so that a checkpoint of which only a part is removed is never taken for one. */
async function removeCheckpoint({ path, step }: FoundCheckpoint, on: Disk): Promise<void> {
  const temporary = join(dirname(path), temporaryName(step, randomBytes(6).toString('hex')));
  await on.rename(path, temporary);
  await on.remove(temporary);
}
