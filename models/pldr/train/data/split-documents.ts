import { RicciError } from '../../../../dsl/errors.ts';

/**
 * Where a text file's documents end: null makes the whole file one document, `blank-line` ends a document at lines
 * that hold nothing but spaces, and any other text ends one wherever it occurs, and is no part of any.
 */
export type Separator = string | null;

/** Part of a file between two separators. */
export interface RawDocument {
  /** Byte offset in the file. */
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** JavaScript's strings end at half a gigabyte, and the tokenizer needs several times a document's size. */
const MAX_DOCUMENT_BYTES = 1 << 28;

/**
 * Cuts a file into documents. Those between two adjacent separators are empty.
 * @throws RicciError `data/document-too-large`
 */
export async function* splitDocuments(
  chunks: AsyncIterable<Uint8Array>,
  separator: Separator,
  path: string,
): AsyncGenerator<RawDocument> {
  const finder = gapFinder(separator);
  let pending = Buffer.alloc(0);
  let start = 0;
  let searched = 0;
  function* cut(atEnd: boolean): Generator<RawDocument> {
    for (;;) {
      const gap = finder.find(pending, searched);
      if (gap === undefined || (!atEnd && finder.mayGrow(pending, gap.to))) return;
      yield { start, bytes: pending.subarray(0, gap.from) };
      pending = pending.subarray(gap.to);
      start += gap.to;
      searched = 0;
    }
  }
  for await (const chunk of chunks) {
    pending = Buffer.concat([pending, chunk]);
    yield* cut(false);
    searched = finder.searchedTo(pending);
    if (pending.length > MAX_DOCUMENT_BYTES) throw tooLarge(path, start);
  }
  searched = 0;
  yield* cut(true);
  yield { start, bytes: pending };
}

interface GapFinder {
  /** The first separator at `from` or later. */
  find(bytes: Buffer, from: number): { readonly from: number; readonly to: number } | undefined;
  /** Whether a separator that ends at `to` would be longer if more bytes followed these. */
  mayGrow(bytes: Buffer, to: number): boolean;
  /** Where to go on when more bytes follow these, in which no separator ends. */
  searchedTo(bytes: Buffer): number;
}

function gapFinder(separator: Separator): GapFinder {
  if (separator === null) return nothing;
  return separator === 'blank-line' ? blankLines : literal(Buffer.from(separator, 'utf8'));
}

const nothing: GapFinder = { find: () => undefined, mayGrow: () => false, searchedTo: (bytes) => bytes.length };

const literal = (separator: Buffer): GapFinder => ({
  find: (bytes, from) => {
    const at = bytes.indexOf(separator, from);
    return at < 0 ? undefined : { from: at, to: at + separator.length };
  },
  mayGrow: () => false,
  searchedTo: (bytes) => Math.max(0, bytes.length - separator.length),
});

const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/** Where the white space at the end of the bytes begins. */
function blankTail(bytes: Buffer): number {
  let at = bytes.length;
  while (at > 0 && isBlank(bytes[at - 1]!)) at--;
  return at;
}

const LINE_FEED = 0x0a;

/** End of the last blank line of those that begin at `from`; undefined where the line there is not blank. */
function blankLinesEnd(bytes: Buffer, from: number): number | undefined {
  let end: number | undefined;
  for (let at = from; at < bytes.length && isBlank(bytes[at]!); at++) if (bytes[at] === LINE_FEED) end = at + 1;
  return end;
}

const blankLines: GapFinder = {
  find: (bytes, from) => {
    for (let at = bytes.indexOf(LINE_FEED, from); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
      const to = blankLinesEnd(bytes, at + 1);
      if (to !== undefined) return { from: at > from && bytes[at - 1] === 0x0d ? at - 1 : at, to };
    }
    return undefined;
  },
  mayGrow: (bytes, to) => blankTail(bytes) <= to,
  searchedTo: blankTail,
};

const tooLarge = (path: string, start: number): RicciError =>
  new RicciError({
    code: 'data/document-too-large',
    message: `The document that begins at byte ${start} of ${path} is larger than ${MAX_DOCUMENT_BYTES >> 20} MiB.`,
    hint: 'Say what separates documents in this file ("blank-line", or a text), or split it into several files.',
  });
