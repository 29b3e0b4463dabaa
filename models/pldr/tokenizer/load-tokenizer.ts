import { readFile } from 'node:fs/promises';
import { RicciError } from '../../../dsl/errors.ts';
import { parseTokenizer, type Tokenizer } from './tokenizer.ts';

const readModelBytes = async (file: string): Promise<Uint8Array> => {
  try {
    return await readFile(file);
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new RicciError({
      code: missing ? 'tokenizer/file-missing' : 'tokenizer/file-unreadable',
      message: missing ? `There is no tokenizer model at ${file}.` : `The tokenizer model ${file} cannot be read.`,
      hint: missing ? 'Give the path of a SentencePiece model, usually named tokenizer.model.' : String(cause),
      cause,
    });
  }
};

/**
 * Reads a `tokenizer.model` file.
 *
 * @throws RicciError `tokenizer/file-missing`, `tokenizer/file-unreadable`, or what `parseTokenizer` throws
 */
export const loadTokenizer = async (file: string): Promise<Tokenizer> =>
  parseTokenizer(await readModelBytes(file), file);
