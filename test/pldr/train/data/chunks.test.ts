import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkTable } from '../../../../models/pldr/train/data/chunks.ts';
import type { Chunk, ChunkTable } from '../../../../models/pldr/train/data/chunks.ts';
import { validationBatches } from '../../../../models/pldr/train/data/batches.ts';
import { temporaryFolder } from '../../../weights/support.ts';
import { chunkModes, countingFile, lengthsOfDocuments } from './support.ts';

const folder = temporaryFolder();
const startsOf = (lengths: readonly number[]): Float64Array =>
  Float64Array.from(lengths.reduce((at, length) => [...at, at.at(-1)! + length], [0]));
const all = (table: ChunkTable): readonly Chunk[] => Array.from({ length: table.count }, (_, i) => table.at(i));
const total = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length, 0);

/** The chunks as the authors' code makes them: concatenated and split, group by group. */
function splitGroups(lengths: readonly number[], perGroup: number, length: number): readonly (readonly number[])[] {
  let next = 0;
  const chunks: number[][] = [];
  for (let i = 0; i < lengths.length; i += perGroup) {
    const tokens = Array.from({ length: total(lengths.slice(i, i + perGroup)) }, () => next++);
    for (let at = 0; at < tokens.length; at += length) chunks.push(tokens.slice(at, at + length));
  }
  return chunks.filter((chunk) => chunk.length > 1);
}

describe('laws', () => {
  const lengths = fc.integer({ min: 2, max: 12 });
  const groups = fc.integer({ min: 1, max: 6 });

  it('pack keeps every token in order but a last one alone, and only its last chunk is short', () => {
    fc.assert(
      fc.property(lengthsOfDocuments, lengths, groups, (documents, length, group) => {
        const chunks = all(chunkTable(startsOf(documents), { mode: 'pack', length, group }));
        const tokens = total(documents);
        expect(chunks.flatMap(({ from, length: n }) => Array.from({ length: n }, (_, i) => from + i))).toEqual(
          Array.from({ length: tokens % length === 1 ? tokens - 1 : tokens }, (_, i) => i),
        );
        for (const chunk of chunks.slice(0, -1)) expect(chunk.length).toBe(length);
      }),
    );
  });

  it('every mode concatenates and splits groups of documents', () => {
    fc.assert(
      fc.property(lengthsOfDocuments, lengths, groups, chunkModes, (documents, length, group, mode) => {
        const table = chunkTable(startsOf(documents), { mode, length, group });
        const perGroup = mode === 'pack' ? documents.length : group;
        expect(all(table)).toEqual(
          splitGroups(documents, perGroup, length).map((chunk) => ({ from: chunk[0], length: chunk.length })),
        );
      }),
    );
  });

  it('batches hold chunk[:-1] and chunk[1:], 0 beyond a short chunk and beyond the last one', async () => {
    await fc.assert(
      fc.asyncProperty(lengthsOfDocuments, lengths, chunkModes, groups, async (documents, length, mode, rows) => {
        const file = await countingFile(folder, documents);
        const options = { mode, length, group: 3, rows };
        const perGroup = mode === 'pack' ? documents.length : 3;
        const chunks = splitGroups(documents, perGroup, length).map((chunk) => chunk.map((id) => id + 1));
        let at = 0;
        for await (const batch of validationBatches(file, { from: 0, to: documents.length }, options)) {
          const those = chunks.slice(at, (at += rows));
          const longest = Math.max(...those.map((chunk) => chunk.length));
          const width = (mode === 'nopad' ? longest : length) - 1;
          const zeros = new Array<number>(width).fill(0);
          const fill = (ids: readonly number[]): number[] => [...ids, ...zeros].slice(0, width);
          const rest = new Array<number[]>(rows - those.length).fill(fill([]));
          const read = (chunk: readonly number[]): readonly number[] => (mode === 'nopad' ? chunk.slice(0, -1) : chunk);
          expect([batch.rows, batch.positions]).toEqual([rows, width]);
          expect([...batch.ids]).toEqual([...those.map((chunk) => fill(read(chunk))), ...rest].flat());
          expect([...batch.targets]).toEqual([...those.map((chunk) => fill(chunk.slice(1))), ...rest].flat());
        }
        expect(at).toBeGreaterThanOrEqual(chunks.length);
        await file.close();
      }),
      { numRuns: 60 },
    );
  });
});
