import { RicciError } from '../../../../dsl/errors.ts';
import { characterLength, codePointAt } from '../../tokenizer/utf8.ts';

/**
 * The text of UTF-8 bytes; a byte order mark at the start of the file is no part of it.
 * @param start byte offset of `bytes` in the file
 * @throws RicciError `data/not-utf8` that names the file and the offset of the first wrong byte
 */
export function decodeUtf8(bytes: Uint8Array, path: string, start: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: start > 0 }).decode(bytes);
  } catch (cause) {
    throw notUtf8(bytes, path, start, cause);
  }
}

/** Index of the first byte that begins no character. */
export function firstInvalid(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length && codePointAt(bytes, at, bytes.length) >= 0) at += characterLength(bytes[at]!);
  return at;
}

function notUtf8(bytes: Uint8Array, path: string, start: number, cause: unknown): RicciError {
  const at = firstInvalid(bytes);
  const shown = [...bytes.subarray(at, at + 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const utf16 = start + at === 0 && /^(ff fe|fe ff)/.test(shown);
  return new RicciError({
    code: 'data/not-utf8',
    message: `${path} is not UTF-8 at byte ${start + at} (${shown}).`,
    hint: utf16
      ? 'It looks like UTF-16: convert it, for example with iconv -f UTF-16 -t UTF-8.'
      : 'Convert it to UTF-8, for example with iconv -f LATIN1 -t UTF-8.',
    cause,
  });
}
