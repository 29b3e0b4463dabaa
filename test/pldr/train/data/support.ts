import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Batch } from '../../../../models/pldr/train/data/batch.ts';
import type { ChunkMode } from '../../../../models/pldr/train/data/chunks.ts';
import { openTokenFile } from '../../../../models/pldr/train/data/token-file.ts';
import type { TokenFile } from '../../../../models/pldr/train/data/token-file.ts';
import { writeTokenFile } from '../../../../models/pldr/train/data/token-writer.ts';

/** A token file whose ids count 1, 2, 3, …, so that every token is told from every other. */
export async function countingFile(folder: string, lengths: readonly number[]): Promise<TokenFile> {
  const path = join(await mkdtemp(join(folder, 'counting-')), 'tokens');
  let next = 1;
  const documents = lengths.map((length) => Array.from({ length }, () => next++));
  const origin = { vocabSize: 100_000, endId: 3, tokenizerHash: '0'.repeat(64), sourceHash: '0'.repeat(64) };
  await writeTokenFile(path, origin, documents);
  return openTokenFile(path);
}

export const lengthsOfDocuments = fc.array(fc.integer({ min: 2, max: 25 }), { minLength: 2, maxLength: 20 });
export const chunkModes = fc.constantFrom<ChunkMode>('pack', 'pad', 'nopad');

/** The targets of each row, without those that are none. */
export const targetsOf = ({ rows, positions, targets }: Batch): readonly (readonly number[])[] =>
  Array.from({ length: rows }, (_, row) =>
    [...targets.subarray(row * positions, (row + 1) * positions)].filter((id) => id !== 0));
