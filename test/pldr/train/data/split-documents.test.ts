import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstInvalid } from '../../../../models/pldr/train/data/decode-utf8.ts';
import { splitDocuments } from '../../../../models/pldr/train/data/split-documents.ts';
import type { Separator } from '../../../../models/pldr/train/data/split-documents.ts';

const separators = fc.constantFrom<Separator>(null, 'blank-line', '<|end|>', '\n', '--');
/** Texts in which separators, and beginnings of them, are frequent. */
const texts = fc
  .array(fc.constantFrom('a', 'é', '✓', ' ', '\t', '\r\n', '\n', '\n\n', '\n \n', '<|end', '<|end|>', '-', '--'), {
    maxLength: 40,
  })
  .map((parts) => parts.join(''));

async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    if (size > 0 && at < bytes.length) yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function cut(text: string, separator: Separator, sizes: readonly number[] = []) {
  const documents: { readonly start: number; readonly text: string }[] = [];
  for await (const { start, bytes } of splitDocuments(inPieces(Buffer.from(text), sizes), separator, 'f')) {
    documents.push({ start, text: Buffer.from(bytes).toString() });
  }
  return documents;
}

const textsOf = async (text: string, separator: Separator): Promise<readonly string[]> =>
  (await cut(text, separator)).map((document) => document.text);

describe('laws', () => {
  it('documents do not depend on how many bytes are read at a time', async () => {
    const sizes = fc.array(fc.nat(5), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(texts, separators, sizes, async (text, separator, pieces) => {
        expect(await cut(text, separator, pieces)).toEqual(await cut(text, separator));
      }),
      { numRuns: 300 },
    );
  });

  it('a document is what its file holds from its place on', async () => {
    await fc.assert(
      fc.asyncProperty(texts, separators, async (text, separator) => {
        const bytes = Buffer.from(text);
        for (const { start, text: document } of await cut(text, separator)) {
          expect(bytes.subarray(start, start + Buffer.byteLength(document)).toString()).toBe(document);
        }
      }),
    );
  });

  it('a text between documents is where they are cut, as strings are', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.constantFrom('<|end|>', '\n', '--'), async (text, separator) => {
        expect(await textsOf(text, separator)).toEqual(text.split(separator));
      }),
    );
  });

  it('no document of blank-line has a blank line inside, and only white space is lost', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const documents = await textsOf(text, 'blank-line');
        for (const document of documents) expect(document).not.toMatch(/\n[ \t]*\r?\n/);
        expect(documents).toEqual(text.split(/\r?\n(?:[ \t\r]*\n)+/));
        expect(documents.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''));
      }),
    );
  });

  it('the first wrong byte of a text is after the longest prefix that is UTF-8', () => {
    const decodes = (bytes: Uint8Array): boolean => {
      try {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes) !== undefined;
      } catch {
        return false;
      }
    };
    const likely = fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xe2, 0x9c, 0x93, 0xed, 0xa0, 0xf0, 0x9f, 0xf4, 0xff);
    fc.assert(
      fc.property(fc.array(likely, { maxLength: 12 }), (list) => {
        const bytes = Uint8Array.from(list);
        const valid = [...bytes.keys(), bytes.length].filter((end) => decodes(bytes.subarray(0, end)));
        expect(firstInvalid(bytes)).toBe(Math.max(...valid));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('separators', () => {
  it('blank-line takes runs of blank lines, of any line ends, as one', async () => {
    expect(await textsOf('a\nb\n\nc\r\n\r\n \t\r\nd', 'blank-line')).toEqual(['a\nb', 'c', 'd']);
  });

  it('none makes a file one document', async () => {
    expect(await textsOf('a\n\nb', null)).toEqual(['a\n\nb']);
  });
});
