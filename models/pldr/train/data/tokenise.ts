import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { RicciError } from '../../../../dsl/errors.ts';
import { corpusFiles } from './corpus-files.ts';
import type { CorpusFile, CorpusFormat } from './corpus-files.ts';
import { readDocuments } from './documents.ts';
import type { DocumentOptions } from './documents.ts';
import type { HashedTokenizer } from './hashed-tokenizer.ts';
import { openTokenFile } from './token-file.ts';
import type { TokenFile } from './token-file.ts';
import { writeTokenFile } from './token-writer.ts';

/** Texts to train on, and how documents are found in them. */
export interface Corpus extends DocumentOptions {
  /** Files, and folders that stand for what lies below them. */
  readonly paths: readonly string[];
  readonly format: CorpusFormat | 'auto';
}

/** How far tokenising is. */
export interface TokeniseProgress {
  readonly documents: number;
  readonly tokens: number;
}

/**
 * The token file of a corpus: text and end token for each document, no begin token (spec section 8). It is made where
 * there is none at `path`, and made again where the texts (their names, sizes and times) or the options are others than
 * those it was made from.
 * @throws RicciError `data/empty` when there is no document, `data/other-tokenizer` when the file was made with
 * another, `tokenizer/special-missing`, and what reading texts throws
 */
export async function tokenFileOf(
  corpus: Corpus,
  tokenizer: HashedTokenizer,
  path: string,
  onProgress: (progress: TokeniseProgress) => void = () => undefined,
): Promise<TokenFile> {
  const files = await corpusFiles(corpus.paths, corpus.format);
  const sourceHash = describeSource(files, corpus);
  const expected = { hash: tokenizer.hash, name: tokenizer.path };
  // Made by hours of work perhaps: it is not replaced because a tokenizer was named by mistake.
  const present = await openTokenFile(path, expected).catch(replaceable);
  if (present?.header.sourceHash === sourceHash) return present;
  await present?.close();
  const origin = {
    vocabSize: tokenizer.tokenizer.size,
    endId: endIdOf(tokenizer),
    tokenizerHash: tokenizer.hash,
    sourceHash,
  };
  await writeTokenFile(path, origin, encoded(files, corpus, tokenizer, onProgress));
  return openTokenFile(path, expected);
}

/** A file that is not there or not whole is made; one that is something else is not ours to overwrite. */
function replaceable(error: unknown): undefined {
  const remade = ['data/token-file-missing', 'data/token-file-truncated'];
  if (!(error instanceof RicciError) || !remade.includes(error.code)) throw error;
}

async function* encoded(
  files: readonly CorpusFile[],
  corpus: Corpus,
  { tokenizer }: HashedTokenizer,
  onProgress: (progress: TokeniseProgress) => void,
): AsyncGenerator<readonly number[]> {
  let documents = 0;
  let tokens = 0;
  for await (const text of readDocuments(files, corpus)) {
    const ids = tokenizer.encode(text, { eos: true });
    // What normalises to nothing is no document, and its end would teach to end at once.
    if (ids.length < 2) continue;
    yield ids;
    documents++;
    tokens += ids.length;
    onProgress({ documents, tokens });
  }
  if (documents === 0) throw empty(files);
}

function endIdOf({ tokenizer, path }: HashedTokenizer): number {
  const { eos } = tokenizer.specials;
  if (eos !== undefined) return eos;
  throw new RicciError({
    code: 'tokenizer/special-missing',
    message: `${path} has no piece that ends a text, and documents are trained on with one.`,
    hint: 'Use a tokenizer that was trained with an end-of-text piece.',
  });
}

/** Names, sizes and times stand for the contents: hashing all texts would take as long as reading them. */
function describeSource(files: readonly CorpusFile[], { separator, key, merge }: DocumentOptions): string {
  const described = files.map(({ path, format, size, modified }) => [basename(path), format, size, modified]);
  return createHash('sha256').update(JSON.stringify({ files: described, separator, key, merge })).digest('hex');
}

const empty = (files: readonly CorpusFile[]): RicciError =>
  new RicciError({
    code: 'data/empty',
    message: `There is no text in ${files.map(({ path }) => path).join(', ')}.`,
    hint: 'Give files that hold more than white space.',
  });
