import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { RicciError } from '../../../../dsl/errors.ts';
import { isJsonObject } from '../../../../runtime/safetensors/json.ts';
import { isRunning, processStart } from './process-start.ts';

export const LOCK_FILE = 'train.lock';

/** Who trains in a folder. */
interface Holder {
  readonly pid: number;
  /** As `processStart` says; null where it says nothing. */
  readonly started: string | null;
  readonly host: string;
}

/** The right to write in a training's folder. */
export interface FolderLock {
  /** Gives it back; nothing happens the second time. */
  release(): Promise<void>;
}

/**
 * Takes a folder for one training, and makes it where there is none. A lock that a dead process left is taken over.
 * @throws RicciError `train/locked` that names the process which holds it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, LOCK_FILE);
  const started = (await processStart(process.pid)) ?? null;
  const mine = JSON.stringify({ pid: process.pid, started, host: hostname(), nonce: randomBytes(8).toString('hex') });
  while (!(await create(path, mine))) {
    const present = await readFile(path, 'utf8').catch(() => undefined);
    // It was given back meanwhile.
    if (present === undefined) continue;
    const holder = parseHolder(present);
    if (holder !== undefined && (await isHeld(holder))) throw locked(folder, path, holder);
    if (await takeOver(path, present, mine)) break;
  }
  return {
    release: async () => {
      if ((await readFile(path, 'utf8').catch(() => undefined)) === mine) await rm(path, { force: true });
    },
  };
}

/** A hard link appears with its contents, and fails where the name is taken: no one sees half a lock. */
async function create(path: string, contents: string): Promise<boolean> {
  const temporary = temporaryPath(path);
  await writeFile(temporary, contents);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

const temporaryPath = (path: string): string => `${path}.${randomBytes(6).toString('hex')}.tmp`;

/**
 * Replaces a stale lock by one's own, where it is still there. Of all that found it stale, one at a time may: whoever
 * makes the file that is named by its contents. So none replaces the lock that another has taken since.
 */
async function takeOver(path: string, stale: string, mine: string): Promise<boolean> {
  const right = `${path}.${createHash('sha256').update(stale).digest('hex').slice(0, 16)}.taken`;
  if (!(await create(right, mine))) {
    await waitForRight(right);
    return false;
  }
  try {
    if ((await readFile(path, 'utf8').catch(() => undefined)) !== stale) return false;
    const temporary = temporaryPath(path);
    await writeFile(temporary, mine);
    await rename(temporary, path);
    return true;
  } finally {
    await rm(right, { force: true });
  }
}

async function waitForRight(right: string): Promise<void> {
  const holder = parseHolder(await readFile(right, 'utf8').catch(() => ''));
  if (holder === undefined || (await isHeld(holder))) return setTimeout(10);
  throw new RicciError({
    code: 'train/locked',
    message: `Process ${holder.pid} died while it took this folder over.`,
    hint: `Delete ${right}.`,
  });
}

function parseHolder(text: string): Holder | undefined {
  try {
    const json: unknown = JSON.parse(text);
    if (!isJsonObject(json)) return undefined;
    const { pid, started, host } = json;
    if (typeof pid !== 'number' || typeof host !== 'string') return undefined;
    return { pid, started: typeof started === 'string' ? started : null, host };
  } catch {
    return undefined;
  }
}

/** A process of another machine that shares the folder cannot be asked, and counts as running. */
async function isHeld({ pid, started, host }: Holder): Promise<boolean> {
  if (host !== hostname()) return true;
  if (!isRunning(pid)) return false;
  return started === null || started === ((await processStart(pid)) ?? started);
}

function locked(folder: string, path: string, { pid, host }: Holder): RicciError {
  const here = host === hostname();
  return new RicciError({
    code: 'train/locked',
    message: `Process ${pid}${here ? '' : ` on ${host}`} trains in ${folder} already.`,
    hint: here ? 'Stop it first, or train in another folder.' : `Stop it first; if it is gone, delete ${path}.`,
  });
}
