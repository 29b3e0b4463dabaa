import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { loadTokenizer } from '../../tokenizer/load-tokenizer.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';

/** A tokenizer and the SHA-256 of its file, by which token files know it. */
export interface HashedTokenizer {
  readonly tokenizer: Tokenizer;
  /** Hexadecimal. */
  readonly hash: string;
  readonly path: string;
}

/** Reads a `tokenizer.model`. Throws as `loadTokenizer`. */
export async function loadHashedTokenizer(path: string): Promise<HashedTokenizer> {
  const tokenizer = await loadTokenizer(path);
  const hash = createHash('sha256').update(await readFile(path)).digest('hex');
  return { tokenizer, hash, path };
}
