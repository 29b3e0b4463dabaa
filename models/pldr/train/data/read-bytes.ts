import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { RicciError } from '../../../../dsl/errors.ts';

/** Bytes read from disk at a time. */
const READ_BYTES = 1 << 20;

/**
 * The bytes of a file, unpacked where its name ends in `.gz`, about a megabyte at a time.
 * @throws RicciError `data/unreadable`
 */
export async function* readBytes(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: READ_BYTES });
  // What goes wrong reaches the reader of the last stream.
  const bytes = /\.gz$/i.test(path) ? pipeline(file, createGunzip({ chunkSize: READ_BYTES }), () => undefined) : file;
  try {
    for await (const chunk of bytes) yield chunk as Uint8Array;
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    file.destroy();
  }
}

function unreadable(path: string, cause: unknown): RicciError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new RicciError({
    code: 'data/unreadable',
    message: `${path} cannot be read: ${reason}.`,
    hint: 'Check that it is a whole file and that you may read it.',
    cause,
  });
}
