import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { RicciError } from '../../../../dsl/errors.ts';
import { readFully } from '../../../../runtime/safetensors/read-fully.ts';
import { blockCache } from './block-cache.ts';
import { decodeTokenHeader, offsetsStart, tokenFileBytes, TOKEN_HEADER_BYTES } from './token-header.ts';
import type { TokenHeader } from './token-header.ts';

const BLOCK_BYTES = 1 << 14;
/** 16 MiB of blocks. */
const BLOCKS_KEPT = 1 << 10;

/** An open token file. Ids are read where they lie, so that it may be larger than memory. */
export interface TokenFile {
  readonly path: string;
  readonly header: TokenHeader;
  /** Index of each document's first token, and the number of tokens last: 8 bytes of memory for each document. */
  readonly starts: Float64Array;
  /**
   * Reads the ids [from, from + target.length) of all documents as one text.
   * @throws RicciError `data/token-range`; `weights/truncated` or `weights/unreadable` when the disk fails
   */
  read(from: number, target: Int32Array): Promise<void>;
  close(): Promise<void>;
}

/** The tokenizer that a token file must have been made with. */
export interface ExpectedTokenizer {
  /** SHA-256 of its tokenizer.model, hexadecimal. */
  readonly hash: string;
  /** Names it in the error. */
  readonly name: string;
}

/**
 * Opens a token file and checks that it is whole.
 * @throws RicciError `data/token-file-missing`, `data/not-a-token-file`, `data/token-file-truncated`,
 * `data/other-tokenizer`
 */
export async function openTokenFile(path: string, expected?: ExpectedTokenizer): Promise<TokenFile> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw missing(path, cause);
  });
  try {
    const { size } = await handle.stat();
    const header = await readHeader(handle, path, size);
    if (expected !== undefined && expected.hash !== header.tokenizerHash) throw otherTokenizer(path, header, expected);
    const starts = await readStarts(handle, path, header);
    const read = idReader(handle, path, header, size);
    return { path, header, starts, read, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readHeader(handle: FileHandle, path: string, size: number): Promise<TokenHeader> {
  const first = new Uint8Array(Math.min(size, TOKEN_HEADER_BYTES));
  await readFully(handle, path, first, 0);
  const header = decodeTokenHeader(first);
  if (typeof header === 'string') throw notTokens(path, header);
  const expected = tokenFileBytes(header);
  if (size !== expected) throw truncated(path, size, expected);
  return header;
}

async function readStarts(handle: FileHandle, path: string, header: TokenHeader): Promise<Float64Array> {
  const words = new BigUint64Array(header.documents + 1);
  await readFully(handle, path, new Uint8Array(words.buffer), offsetsStart(header));
  const starts = Float64Array.from(words, Number);
  const rising = starts.every((start, i) => i === 0 || start >= starts[i - 1]!);
  if (rising && starts[0] === 0 && starts.at(-1) === header.tokens) return starts;
  throw notTokens(path, 'the places of its documents make no sense');
}

function idReader(handle: FileHandle, path: string, header: TokenHeader, size: number): TokenFile['read'] {
  const load = async (block: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(Math.min(BLOCK_BYTES, size - block * BLOCK_BYTES));
    await readFully(handle, path, bytes, block * BLOCK_BYTES);
    return bytes;
  };
  const cache = blockCache(load, BLOCK_BYTES, BLOCKS_KEPT);
  const { idBytes, tokens } = header;
  return async (from, target) => {
    const inside = Number.isSafeInteger(from) && from >= 0 && from + target.length <= tokens;
    if (!inside) throw outside(path, from, target.length, tokens);
    const ids = idBytes === 2 ? new Uint16Array(target.length) : new Uint32Array(target.length);
    await cache.read(TOKEN_HEADER_BYTES + from * idBytes, new Uint8Array(ids.buffer));
    target.set(ids);
  };
}

const REMAKE = 'Delete it, so that it is made again from the texts.';

const missing = (path: string, cause: unknown): RicciError =>
  new RicciError({
    code: 'data/token-file-missing',
    message: `${path} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}.`,
    hint: 'Give the path of a token file, or texts to make one from.',
    cause,
  });

const notTokens = (path: string, why: string): RicciError =>
  new RicciError({ code: 'data/not-a-token-file', message: `${path} is no token file: ${why}.`, hint: REMAKE });

const truncated = (path: string, size: number, expected: number): RicciError =>
  new RicciError({
    code: 'data/token-file-truncated',
    message: `${path} has ${size} bytes, and by its header it should have ${expected}.`,
    hint: REMAKE,
  });

const otherTokenizer = (path: string, header: TokenHeader, expected: ExpectedTokenizer): RicciError =>
  new RicciError({
    code: 'data/other-tokenizer',
    message:
      `${path} was made with a tokenizer of ${header.vocabSize} pieces and SHA-256 ${header.tokenizerHash}; ` +
      `${expected.name} has ${expected.hash}.`,
    hint: `${REMAKE} Or use the tokenizer that it was made with.`,
  });

const outside = (path: string, from: number, count: number, tokens: number): RicciError =>
  new RicciError({
    code: 'data/token-range',
    message: `Tokens [${from}, ${from + count}) of ${path} were asked for; it has ${tokens}.`,
    hint: 'Check the chunk length and the position against the token file.',
  });
