import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { RicciError } from '../../dsl/errors.ts';
import type { TensorFile } from './entry.ts';
import { parseHeader } from './header.ts';
import { fileError } from './json.ts';
import { readFully } from './read-fully.ts';

/** Bytes of the little-endian header length that starts every file. */
const LENGTH_BYTES = 8;
/** The format's own limit; it keeps a damaged length from allocating gigabytes. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads and checks the header of one safetensors file; no tensor data is read.
 * @throws RicciError `weights/missing-file`, `weights/unreadable`, `weights/truncated`, `weights/header-size`,
 * `weights/header-not-json`, `weights/header` (every problem of the header at once)
 */
export async function openSafetensors(path: string): Promise<TensorFile> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw fileError(path, 'weights', cause);
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw fileError(path, 'weights', 'not a regular file');
    const headerBytes = await readHeaderLength(handle, path, stat.size);
    const header = new Uint8Array(headerBytes);
    await readFully(handle, path, header, LENGTH_BYTES);
    const start = LENGTH_BYTES + headerBytes;
    return parseHeader(decodeUtf8(header, path), { file: path, start, bytes: stat.size - start });
  } finally {
    await handle.close();
  }
}

async function readHeaderLength(handle: FileHandle, path: string, size: number): Promise<number> {
  const truncated = (message: string): RicciError =>
    new RicciError({
      code: 'weights/truncated',
      message,
      hint: 'The file is incomplete or is no safetensors file: download or write it again.',
    });
  if (size < LENGTH_BYTES) {
    throw truncated(`${path} has ${size} bytes; a safetensors file starts with 8 bytes of header length.`);
  }
  const prefix = new Uint8Array(LENGTH_BYTES);
  await readFully(handle, path, prefix, 0);
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length > BigInt(size - LENGTH_BYTES)) {
    throw truncated(`${path} announces a header of ${length} bytes, but has only ${size} bytes in all.`);
  }
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new RicciError({
      code: 'weights/header-size',
      message: `${path} announces a header of ${length} bytes; the format allows ${MAX_HEADER_BYTES}.`,
      hint: 'The file is probably no safetensors file.',
    });
  }
  return Number(length);
}

function decodeUtf8(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new RicciError({
      code: 'weights/header-not-json',
      message: `The header of ${path} is not valid UTF-8, hence no JSON.`,
      hint: 'The file is damaged or is no safetensors file: download or write it again.',
      cause,
    });
  }
}
