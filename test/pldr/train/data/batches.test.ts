import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trainingBatches, validationBatches } from '../../../../models/pldr/train/data/batches.ts';
import type { BatchOptions, Shuffle } from '../../../../models/pldr/train/data/batches.ts';
import type { Batch } from '../../../../models/pldr/train/data/batch.ts';
import { holdOut } from '../../../../models/pldr/train/data/hold-out.ts';
import { permutation } from '../../../../models/pldr/train/data/permutation.ts';
import type { TokenFile } from '../../../../models/pldr/train/data/token-file.ts';
import { errorOf, temporaryFolder } from '../../../weights/support.ts';
import { chunkModes, countingFile, lengthsOfDocuments, targetsOf } from './support.ts';

const folder = temporaryFolder();
const everything = (file: TokenFile) => ({ from: 0, to: file.header.documents });
const options: fc.Arbitrary<BatchOptions> = fc.record({
  mode: chunkModes,
  length: fc.integer({ min: 2, max: 4 }),
  group: fc.integer({ min: 1, max: 5 }),
  rows: fc.integer({ min: 1, max: 5 }),
  shuffle: fc.constantFrom<Shuffle>('chunks', 'documents', 'none'),
});
const START = { seed: 7, epoch: 0, position: 0 };

/** The rows of the next epoch, read a chunk at a time. */
async function epochRows(file: TokenFile, given: BatchOptions, start = START): Promise<readonly string[]> {
  const stream = trainingBatches(file, everything(file), { ...given, rows: 1 }, start);
  const rows: string[] = [];
  for (let left = stream.chunks; left > 0; left--) rows.push(targetsOf(await stream.next()).join());
  return rows;
}

describe('shuffling', () => {
  it('is a permutation, the same for the same seed and name', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(), fc.string(), (count, seed, name) => {
        const order = permutation(count, seed, name);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
        expect(permutation(count, seed, name)).toEqual(order);
      }),
    );
  });

  it('prefers no order: the 24 of four things are equally frequent, to five standard errors', () => {
    const runs = 24_000;
    const counts = new Map<string, number>();
    for (let seed = 0; seed < runs; seed++) {
      const key = permutation(4, seed, 'epoch 0').join('');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) expect(Math.abs(count - runs / 24)).toBeLessThan(5 * Math.sqrt(runs / 24));
  });

  it('of an epoch gives each chunk once, in other orders in other epochs and for other seeds', async () => {
    const file = await countingFile(folder, new Array<number>(40).fill(9));
    const given: BatchOptions = { mode: 'pack', length: 8, group: 1, rows: 1, shuffle: 'chunks' };
    const first = await epochRows(file, given);
    const inOrder = await epochRows(file, { ...given, shuffle: 'none' });
    expect([...first].sort()).toEqual([...inOrder].sort());
    const others = [{ ...START, epoch: 1 }, { ...START, seed: 8 }];
    for (const start of others) {
      const rows = await epochRows(file, given, start);
      expect(rows).not.toEqual(first);
      expect([...rows].sort()).toEqual([...first].sort());
    }
    await file.close();
  });
});

describe('laws', () => {
  it('every token but the first of a chunk is a target once an epoch, however documents are shuffled', async () => {
    await fc.assert(
      fc.asyncProperty(lengthsOfDocuments, options, fc.nat(3), async (documents, given, epoch) => {
        const file = await countingFile(folder, documents);
        const rows = await epochRows(file, given, { ...START, epoch });
        const seen = rows.flatMap((row) => row.split(',').map(Number));
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen.length + rows.length).toBeLessThanOrEqual(file.header.tokens);
        if (given.mode === 'pack') expect(seen.length + rows.length).toBeGreaterThanOrEqual(file.header.tokens - 1);
        await file.close();
      }),
      { numRuns: 60 },
    );
  });

  it('epochs follow each other, and a batch that one ends in is filled up from the next', async () => {
    await fc.assert(
      fc.asyncProperty(lengthsOfDocuments, options, async (documents, given) => {
        const file = await countingFile(folder, documents);
        const expected: string[] = [];
        for (const epoch of [0, 1, 2]) expected.push(...(await epochRows(file, given, { ...START, epoch })));
        const stream = trainingBatches(file, everything(file), given, START);
        const rows: string[] = [];
        while (rows.length < expected.length) rows.push(...targetsOf(await stream.next()).map((row) => row.join()));
        expect(rows.slice(0, expected.length)).toEqual(expected);
        await file.close();
      }),
      { numRuns: 30 },
    );
  });

  it('going on from any position gives the batches that would have followed', async () => {
    await fc.assert(
      fc.asyncProperty(lengthsOfDocuments, options, fc.nat(30), async (documents, given, done) => {
        const file = await countingFile(folder, documents);
        const stream = trainingBatches(file, everything(file), given, START);
        for (let i = 0; i < done; i++) await stream.next();
        const resumed = trainingBatches(file, everything(file), given, { ...stream.position });
        for (let i = 0; i < 12; i++) {
          expect(resumed.position).toEqual(stream.position);
          expect(await resumed.next()).toEqual(await stream.next());
        }
        await file.close();
      }),
      { numRuns: 60 },
    );
  });

  it('training and validation have no document in common and leave none out', () => {
    const parts = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10_000 }), parts, (count, part) => {
        const { train, validation } = holdOut(count, part);
        expect([train.from, train.to, validation.to]).toEqual([0, validation.from, count]);
        expect(train.to).toBeGreaterThan(0);
        expect(validation.to - validation.from).toBe(part === 0 ? 0 : Math.max(1, Math.floor(count * part)));
      }),
    );
  });

  it('training never sees a token that is held out', async () => {
    await fc.assert(
      fc.asyncProperty(lengthsOfDocuments, options, async (documents, given) => {
        const file = await countingFile(folder, documents);
        const { train, validation } = holdOut(documents.length, 0.3);
        const border = file.starts[train.to]!;
        const stream = trainingBatches(file, train, { ...given, length: 2 }, START);
        for (let i = 0; i < 10; i++) expect(Math.max(...(await stream.next()).ids)).toBeLessThanOrEqual(border);
        const held: Batch[] = [];
        for await (const batch of validationBatches(file, validation, given)) held.push(batch);
        for (const id of held.flatMap((batch) => [...batch.ids])) expect(id === 0 || id > border).toBe(true);
        await file.close();
      }),
      { numRuns: 40 },
    );
  });
});

describe('errors', () => {
  it('say that a corpus is too small, or has too few documents', async () => {
    const file = await countingFile(folder, [20, 20]);
    const given: BatchOptions = { mode: 'pack', length: 128, group: 1, rows: 1, shuffle: 'none' };
    const small = await errorOf(() => trainingBatches(file, everything(file), given, START));
    expect(small.code).toBe('data/too-small');
    expect(small.message).toContain('There are 40 tokens to train on');
    const beyond = await errorOf(() =>
      trainingBatches(file, everything(file), { ...given, length: 8 }, { ...START, position: 6 }),
    );
    expect(beyond.code).toBe('data/position');
    await file.close();
    const few = await errorOf(() => holdOut(1, 0.05));
    expect(few.code).toBe('data/too-few-documents');
    expect(few.message).toContain('blank-line');
  });
});

describe('validation', () => {
  it('stops after as many batches as are asked for', async () => {
    const file = await countingFile(folder, [40, 40]);
    const batches: Batch[] = [];
    const given = { mode: 'pack', length: 8, group: 1, rows: 2 } as const;
    for await (const batch of validationBatches(file, everything(file), given, 3)) batches.push(batch);
    expect(batches.length).toBe(3);
    await file.close();
  });
});
