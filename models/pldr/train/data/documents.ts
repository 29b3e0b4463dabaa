import type { CorpusFile } from './corpus-files.ts';
import { decodeUtf8 } from './decode-utf8.ts';
import { readBytes } from './read-bytes.ts';
import { readJsonl } from './read-jsonl.ts';
import { readParquet } from './read-parquet.ts';
import { splitDocuments } from './split-documents.ts';
import type { Separator } from './split-documents.ts';

export interface DocumentOptions {
  /** What ends a document in a text file; null for the file's end alone. */
  readonly separator: Separator;
  /** The key of a JSON line, or the column of a Parquet file, that holds the text. */
  readonly key: string;
  /** So many neighbours in one file become one document, with an empty line between them. */
  readonly merge: number;
}

/**
 * The documents of a corpus in order; what holds only white space is none.
 * @throws RicciError `data/…`, as the readers of the single formats
 */
export async function* readDocuments(
  files: readonly CorpusFile[],
  options: DocumentOptions,
): AsyncGenerator<string> {
  for (const file of files) yield* merged(textsOf(file, options), options.merge);
}

async function* merged(texts: AsyncIterable<string>, count: number): AsyncGenerator<string> {
  let group: string[] = [];
  for await (const text of texts) {
    if (text.trim() === '') continue;
    group.push(text);
    if (group.length < count) continue;
    yield group.join('\n\n');
    group = [];
  }
  if (group.length > 0) yield group.join('\n\n');
}

function textsOf({ path, format }: CorpusFile, { separator, key }: DocumentOptions): AsyncIterable<string> {
  switch (format) {
    case 'text':
      return readTexts(path, separator);
    case 'jsonl':
      return readJsonl(path, key);
    case 'parquet':
      return readParquet(path, key);
  }
}

async function* readTexts(path: string, separator: Separator): AsyncGenerator<string> {
  for await (const { start, bytes } of splitDocuments(readBytes(path), separator, path)) {
    yield decodeUtf8(bytes, path, start);
  }
}
