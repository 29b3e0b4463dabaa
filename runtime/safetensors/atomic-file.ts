import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RicciError } from '../../dsl/errors.ts';

/** Appends bytes to the file being written; the bytes may be reused once the promise resolves. */
export type Append = (bytes: Uint8Array) => Promise<void>;

/** Overwrites bytes that were appended before, from a byte offset on; what is appended next still goes to the end. */
export type Patch = (bytes: Uint8Array, position: number) => Promise<void>;

/**
 * Writes a file that appears whole or not at all: a temporary file beside it is filled, flushed to disk and renamed.
 * An existing file is replaced only by the rename.
 * @throws RicciError `weights/write-failed` when the disk refuses, and whatever `fill` throws; either way the
 * temporary file is removed
 */
export async function writeAtomically(
  path: string,
  fill: (append: Append, patch: Patch) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await fillAndFlush(temporary, fill);
    await rename(temporary, path);
  } catch (cause) {
    // What went wrong first is what the caller has to know, even when tidying up fails too.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cause instanceof RicciError ? cause : writeFailed(path, cause);
  }
  await flushFolder(dirname(path));
}

async function fillAndFlush(path: string, fill: (append: Append, patch: Patch) => Promise<void>): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await fill(
      (bytes) => writeFully(handle, bytes),
      (bytes, position) => writeFully(handle, bytes, position),
    );
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Without a position the bytes go where the last write without one ended. */
async function writeFully(handle: FileHandle, bytes: Uint8Array, position?: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const at = position === undefined ? null : position + done;
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at);
    done += bytesWritten;
  }
}

/** Makes the rename itself durable, where the platform lets a folder be opened (Windows does not). */
export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}

function writeFailed(path: string, cause: unknown): RicciError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RicciError({
    code: 'weights/write-failed',
    message: `${path} could not be written: ${reason}.`,
    hint: 'Check that the folder exists, that you may write there, and that the disk is not full.',
    cause,
  });
}

/** Writes a value as indented JSON, whole or not at all. Throws as `writeAtomically`. */
export const writeJsonFile = (path: string, value: unknown): Promise<void> =>
  writeAtomically(path, (append) => append(new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)));
