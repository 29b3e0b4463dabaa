import { copyFile, mkdir, mkdtemp, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { validationBatches } from '../../../../models/pldr/train/data/batches.ts';
import { corpusFiles } from '../../../../models/pldr/train/data/corpus-files.ts';
import { readDocuments } from '../../../../models/pldr/train/data/documents.ts';
import type { DocumentOptions } from '../../../../models/pldr/train/data/documents.ts';
import { loadHashedTokenizer } from '../../../../models/pldr/train/data/hashed-tokenizer.ts';
import { parseTrainConfig } from '../../../../models/pldr/train/config/parse-train-config.ts';
import { openCorpus } from '../../../../models/pldr/train/data/open-corpus.ts';
import { tokenFileOf } from '../../../../models/pldr/train/data/tokenise.ts';
import { errorOf, temporaryFolder } from '../../../weights/support.ts';

const folder = temporaryFolder();
const path = (name: string): string => fileURLToPath(new URL(`../../../../${name}`, import.meta.url));
const fixture = (name: string): string => path(`test/fixtures/train/${name}`);
const tokenizer = loadHashedTokenizer(path('checkpoints/pldr-v51-shakespeare/tokenizer.model'));
const PLAIN: DocumentOptions = { separator: null, key: 'text', merge: 1 };

async function written(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(await mkdtemp(join(folder, 'corpus-')), name);
  await writeFile(file, content);
  return file;
}

async function documents(file: string, options: Partial<DocumentOptions> = {}): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const text of readDocuments(await corpusFiles([file]), { ...PLAIN, ...options })) texts.push(text);
  return texts;
}

/** What the Parquet fixtures hold in column "text" of 40 rows in groups of 16; row 7 holds null. */
const FORTY = Array.from({ length: 40 }, (_, i) => `Document ${i}: ${'so many words. '.repeat(i % 5)}é✓`).filter(
  (_, i) => i !== 7,
);

describe('formats', () => {
  it.each(['none', 'snappy', 'gzip', 'zstd'])('Parquet, compressed by %s', async (codec) => {
    expect(await documents(fixture(`forty-${codec}.parquet`))).toEqual(FORTY);
  });

  it('JSON Lines, with any key, packed or not', async () => {
    const lines = FORTY.map((content) => JSON.stringify({ content, other: 1 })).join('\r\n\n');
    expect(await documents(await written('a.jsonl', lines), { key: 'content' })).toEqual(FORTY);
    expect(await documents(await written('a.jsonl.gz', gzipSync(lines)), { key: 'content' })).toEqual(FORTY);
  });

  it('text, a document for each file, or between separators, or several together', async () => {
    const file = await written('a.txt', '\u{feff}one\n\ntwo\n\n\n \n\nthree\n');
    expect(await documents(file)).toEqual(['one\n\ntwo\n\n\n \n\nthree\n']);
    expect(await documents(file, { separator: 'blank-line' })).toEqual(['one', 'two', 'three\n']);
    expect(await documents(file, { separator: 'blank-line', merge: 2 })).toEqual(['one\n\ntwo', 'three\n']);
    expect(await documents(file, { separator: 'two' })).toHaveLength(2);
  });

  it('a folder is all files below it whose names say a format, in the order of their paths', async () => {
    const dir = await mkdtemp(join(folder, 'folder-'));
    await mkdir(join(dir, 'b'));
    const names = ['b/1.txt', 'a.md', 'c.parquet', 'B.txt'];
    for (const name of names) await copyFile(fixture('held-out.txt'), join(dir, name));
    await writeFile(join(dir, 'model.bin'), '');
    const files = await corpusFiles([dir]);
    expect(files.map((file) => file.path.slice(dir.length + 1))).toEqual(['B.txt', 'a.md', 'b/1.txt', 'c.parquet']);
    expect(files.map((file) => file.format)).toEqual(['text', 'text', 'text', 'parquet']);
  });
});

describe('the recorded recipe', () => {
  it('cuts the held-out text into the windows that its model was measured on', async () => {
    const out = join(await mkdtemp(join(folder, 'recipe-')), 'tokens');
    const options = { separator: 'blank-line', key: 'text', merge: 8 } as const;
    const corpus = { ...options, paths: [fixture('held-out.txt')], format: 'auto' } as const;
    const file = await tokenFileOf(corpus, await tokenizer, out);
    const windows = Int32Array.from(JSON.parse(await readFile(fixture('held-out-windows.json'), 'utf8')).flat());
    const read = new Int32Array(windows.length);
    await file.read(0, read);
    expect(read).toEqual(windows);
    const shape = { mode: 'pack', length: 128, group: 1, rows: 4 } as const;
    for await (const batch of validationBatches(file, { from: 0, to: 5 }, shape, 1)) {
      for (let row = 0; row < 4; row++) {
        expect(batch.ids.slice(row * 127, row * 127 + 127)).toEqual(windows.slice(row * 128, row * 128 + 127));
        expect(batch.targets.slice(row * 127, row * 127 + 127)).toEqual(windows.slice(row * 128 + 1, row * 128 + 128));
      }
    }
    await file.close();
  });
});

describe('the token file of a corpus', () => {
  it('holds text and end, and is made again only where texts or options are others', async () => {
    const text = await written('a.txt', 'To be\n\nor not to be');
    const out = `${text}.tokens`;
    const made: number[] = [];
    const open = async (options: Partial<DocumentOptions> = {}) => {
      const corpus = { ...PLAIN, ...options, paths: [text], format: 'auto' } as const;
      const file = await tokenFileOf(corpus, await tokenizer, out, ({ tokens }) => made.push(tokens));
      await file.close();
      return file.header;
    };
    const { encode } = (await tokenizer).tokenizer;
    const header = await open();
    const tokens = encode('To be or not to be').length + 1;
    expect(header).toMatchObject({ documents: 1, tokens, endId: 3, vocabSize: 1024 });
    expect(await open()).toEqual(header);
    expect(made).toEqual([header.tokens]);
    expect((await open({ separator: 'blank-line' })).documents).toBe(2);
    await utimes(text, new Date(1e12), new Date(1e12));
    expect((await open({ separator: 'blank-line' })).documents).toBe(2);
    expect(made.length).toBe(5);
    await writeFile(out, (await readFile(out)).subarray(0, 200));
    expect((await open({ separator: 'blank-line' })).documents).toBe(2);
  });

  it('is opened alone where no texts are named, and never made again for another tokenizer', async () => {
    const text = await written('a.txt', 'To be');
    const made = `${text}.tokens`;
    const { data } = parseTrainConfig({ data: { paths: [text] } });
    const own = await tokenizer;
    const other = { ...own, hash: '12'.repeat(32) };
    const first = await openCorpus(data, own, made);
    await first.close();
    const alone = await openCorpus({ ...data, paths: [], tokens: made }, own, 'unused');
    expect(alone.header).toEqual(first.header);
    await alone.close();
    for (const paths of [[], [text]]) {
      const error = await errorOf(() => openCorpus({ ...data, paths, tokens: made }, other, 'unused'));
      expect(error.code).toBe('data/other-tokenizer');
      expect(error.message).toContain(own.hash);
      expect(error.message).toContain(other.hash);
    }
    expect((await errorOf(() => openCorpus({ ...data, paths: [] }, own, 'unused'))).code).toBe('data/no-files');
  });

  it('never overwrites a file that is something else', async () => {
    const text = await written('a.txt', 'To be');
    const corpus = { ...PLAIN, paths: [text], format: 'auto' } as const;
    const error = await errorOf(async () => tokenFileOf(corpus, await tokenizer, text));
    expect(error.code).toBe('data/not-a-token-file');
    expect(await readFile(text, 'utf8')).toBe('To be');
  });
});

describe('bad texts', () => {
  const failing = async (name: string, content: string | Uint8Array, options: Partial<DocumentOptions> = {}) => {
    const file = await written(name, content);
    const { code, message } = await errorOf(() => documents(file, options));
    return { code, message: message.replaceAll(file, name) };
  };

  it('that are not UTF-8 are named with the byte', async () => {
    const latin = Buffer.concat([Buffer.from('one\n\nné two\n\nthr'), Buffer.from([0xe9]), Buffer.from('e\n')]);
    const error = await failing('a.txt', latin, { separator: 'blank-line' });
    expect(error.code).toBe('data/not-utf8');
    expect(error.message).toContain('a.txt is not UTF-8 at byte 17 (e9 65 0a)');
    const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('text', 'utf16le')]);
    expect((await failing('b.txt', wide)).message).toContain('at byte 0 (ff fe 74 00).\n  It looks like UTF-16');
  });

  it('name the line of bad JSON, and the keys that there are', async () => {
    expect(await failing('a.jsonl', '{"text":"a"}\n{"text":')).toMatchObject({ code: 'data/not-jsonl' });
    const error = await failing('a.jsonl', '{"text":"a"}\n\n{"content":"b","id":1}');
    expect(error).toMatchObject({ code: 'data/key' });
    expect(error.message).toContain('a.jsonl:3 holds nothing as "text"');
    expect(error.message).toContain('Its keys are "content", "id"');
    expect((await failing('a.jsonl', '{"text":5}')).message).toContain('a.jsonl:1 holds 5 as "text"');
    expect((await failing('a.jsonl', '[1]')).message).toContain('a.jsonl:1 is [1], not a JSON object');
  });

  it('name the columns of a Parquet file, and a file that is none', async () => {
    const missing = await errorOf(() => documents(fixture('forty-none.parquet'), { key: 'content' }));
    expect(missing.code).toBe('data/key');
    expect(missing.message).toContain('Its columns are "id", "text"');
    const numbers = await errorOf(() => documents(fixture('forty-none.parquet'), { key: 'id' }));
    expect(numbers.message).toContain('Row 0 of');
    const whole = await readFile(fixture('forty-snappy.parquet'));
    expect((await failing('a.parquet', whole.subarray(0, 900))).code).toBe('data/not-parquet');
    expect((await failing('a.parquet', '')).code).toBe('data/not-parquet');
  });

  it('name a packed file that is cut off', async () => {
    const packed = gzipSync('one two three '.repeat(1000));
    expect((await failing('a.txt.gz', packed.subarray(0, 40))).code).toBe('data/unreadable');
  });

  it('list every path that cannot be used, and say that there is nothing', async () => {
    const odd = await written('model.bin', '');
    const error = await errorOf(() => corpusFiles([join(folder, 'none.txt'), odd]));
    expect(error.code).toBe('data/files');
    expect(error.message).toContain('none.txt does not exist');
    expect(error.message).toContain('model.bin says no format');
    expect((await errorOf(() => corpusFiles([]))).code).toBe('data/no-files');
    const blank = await written('a.txt', ' \n\n\t');
    const corpus = { ...PLAIN, paths: [blank], format: 'auto' } as const;
    const empty = await errorOf(async () => tokenFileOf(corpus, await tokenizer, `${blank}.tokens`));
    expect(empty.code).toBe('data/empty');
  });
});
