import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Greedy tokens that are known to be right for a prompt. */
export interface Expected {
  readonly prompt: readonly number[];
  readonly ids: readonly number[];
}

/** The tokens in a file, by default that of the model's name in `expected/`; undefined where there is none. */
export async function knownTokens(file: string | undefined, model: string): Promise<Expected | undefined> {
  const path = file ?? fileURLToPath(new URL(`expected/${basename(model)}.json`, import.meta.url));
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (thrown) {
    if (file === undefined) return undefined;
    throw thrown;
  }
}

/** Ids spread over the vocabulary, the same on every machine. */
export const spreadIds = (length: number, vocab: number): readonly number[] =>
  Array.from({ length }, (_, i) => 4 + ((i * 7919) % (vocab - 4)));
