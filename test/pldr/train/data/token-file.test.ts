import { mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTokenFile } from '../../../../models/pldr/train/data/token-file.ts';
import { writeTokenFile } from '../../../../models/pldr/train/data/token-writer.ts';
import { errorOf, temporaryFolder } from '../../../weights/support.ts';

const folder = temporaryFolder();
const HASH = 'ab'.repeat(32);
const origin = (vocabSize: number) => ({ vocabSize, endId: 3, tokenizerHash: HASH, sourceHash: 'cd'.repeat(32) });
const fresh = async (): Promise<string> => join(await mkdtemp(join(folder, 'tokens-')), 'corpus.tokens');

const vocabularies = fc.constantFrom(1, 300, 65_536, 65_537, 2 ** 31);
const corpora = vocabularies.chain((vocabSize) =>
  fc.record({
    vocabSize: fc.constant(vocabSize),
    documents: fc.array(fc.array(fc.nat(vocabSize - 1), { maxLength: 30 }), { maxLength: 12 }),
  }),
);

describe('laws', () => {
  it('a token file gives back the ids and the places of random documents, whichever part is read', async () => {
    const spans = fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(corpora, spans, async ({ vocabSize, documents }, parts) => {
        const path = await fresh();
        const header = await writeTokenFile(path, origin(vocabSize), documents);
        const file = await openTokenFile(path, { hash: HASH, name: 't' });
        const all = documents.flat();
        expect(file.header).toEqual(header);
        expect(header).toMatchObject({ ...origin(vocabSize), tokens: all.length, documents: documents.length });
        expect(header.idBytes).toBe(vocabSize <= 65_536 ? 2 : 4);
        expect([...file.starts]).toEqual(documents.reduce((at, ids) => [...at, at.at(-1)! + ids.length], [0]));
        for (const [a, b] of [[0, all.length] as const, ...parts]) {
          const from = Math.min(a, all.length);
          const target = new Int32Array(Math.min(b, all.length - from));
          await file.read(from, target);
          expect([...target]).toEqual(all.slice(from, from + target.length));
        }
        await file.close();
      }),
      { numRuns: 60 },
    );
  });

  it('a file that lost or gained any number of bytes is refused', async () => {
    const path = await fresh();
    await writeTokenFile(path, origin(1000), [[1, 2, 3], [4, 3]]);
    const whole = await readFile(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async (size) => {
        const cut = await fresh();
        await writeFile(cut, whole.subarray(0, size));
        const { code, message } = await errorOf(() => openTokenFile(cut));
        expect(code).toBe(size < 128 ? 'data/not-a-token-file' : 'data/token-file-truncated');
        expect(message).toContain(`${size < 8 ? 'does not begin' : size} `);
      }),
    );
    await truncate(path, whole.length + 8);
    expect((await errorOf(() => openTokenFile(path))).code).toBe('data/token-file-truncated');
  });
});

describe('a large file', () => {
  it('is read across blocks', async () => {
    const path = await fresh();
    const ids = Array.from({ length: 100_000 }, (_, i) => i % 997);
    const documents = Array.from({ length: 40 }, (_, i) => ids.slice(i * 2500, (i + 1) * 2500));
    await writeTokenFile(path, origin(70_000), documents);
    const file = await openTokenFile(path);
    for (const from of [0, 4000, 4095, 4096, 50_000, 99_990, 12_000]) {
      const target = new Int32Array(Math.min(9000, 100_000 - from));
      await file.read(from, target);
      expect(target.every((id, i) => id === (from + i) % 997)).toBe(true);
    }
    await file.close();
  });
});

describe('errors', () => {
  it('say both tokenizers when the file was made with another', async () => {
    const path = await fresh();
    await writeTokenFile(path, origin(1000), [[1, 3]]);
    const other = 'ef'.repeat(32);
    const error = await errorOf(() => openTokenFile(path, { hash: other, name: 'mine/tokenizer.model' }));
    expect(error.code).toBe('data/other-tokenizer');
    expect(error.message).toContain(HASH);
    expect(error.message).toContain(`mine/tokenizer.model has ${other}`);
  });

  it('name what is no token file, and what is not there', async () => {
    const path = await fresh();
    await writeFile(path, 'To be, or not to be: that is the question.'.repeat(9));
    expect((await errorOf(() => openTokenFile(path))).code).toBe('data/not-a-token-file');
    expect((await errorOf(() => openTokenFile(join(folder, 'none')))).code).toBe('data/token-file-missing');
  });

  it('refuse ids beyond the vocabulary, and leave no file', async () => {
    const path = await fresh();
    const error = await errorOf(() => writeTokenFile(path, origin(10), [[1], [2, 10]]));
    expect(error.code).toBe('data/id-range');
    expect(error.message).toContain('Document 1 holds the id 10');
    expect((await errorOf(() => openTokenFile(path))).code).toBe('data/token-file-missing');
  });

  it('refuse reads beyond the end', async () => {
    const path = await fresh();
    await writeTokenFile(path, origin(10), [[1, 2]]);
    const file = await openTokenFile(path);
    expect((await errorOf(() => file.read(1, new Int32Array(2)))).code).toBe('data/token-range');
    await file.close();
  });
});
