import type { FileHandle } from 'node:fs/promises';
import { RicciError } from '../../dsl/errors.ts';
import { fileError } from './json.ts';

/** One read call stays below the 2^31 - 1 bytes that operating systems transfer at once. */
const MAX_READ_BYTES = 2 ** 30;

/**
 * Fills `target` from the absolute byte offset `position`.
 * @throws RicciError `weights/truncated` when the file ends first, `weights/unreadable` when reading fails
 */
export async function readFully(handle: FileHandle, path: string, target: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < target.length) {
    const length = Math.min(target.length - done, MAX_READ_BYTES);
    const { bytesRead } = await handle.read(target, done, length, position + done).catch((cause: unknown) => {
      throw fileError(path, 'weights', cause);
    });
    if (bytesRead === 0) throw endedEarly(path, position + done, target.length - done);
    done += bytesRead;
  }
}

const endedEarly = (path: string, position: number, lacking: number): RicciError =>
  new RicciError({
    code: 'weights/truncated',
    message: `${path} ends at byte ${position}, ${lacking} bytes before the end of what is to be read.`,
    hint: 'The file was changed after it was opened: open it again.',
  });
