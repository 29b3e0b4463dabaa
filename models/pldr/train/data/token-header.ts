/**
 * A token file holds a corpus as a tokenizer's ids:
 *
 * | bytes | |
 * |---|---|
 * | 8 | `RicciTok` |
 * | 4 × 4 | version, bytes of one id (2 or 4), vocabulary size, id that ends a document |
 * | 2 × 8 | documents, tokens |
 * | 2 × 32 | SHA-256 of tokenizer.model, and of what the texts were read from |
 * | 24 | zeros |
 * | tokens × 2 or 4 | ids, all documents one after the other; zeros up to a multiple of 8 |
 * | (documents + 1) × 8 | index of each document's first token, and the number of tokens |
 *
 * All numbers are unsigned and little-endian.
 */
export interface TokenHeader {
  /** 2 where every id is below 65,536. */
  readonly idBytes: 2 | 4;
  readonly vocabSize: number;
  /** The id that ends every document. */
  readonly endId: number;
  readonly documents: number;
  readonly tokens: number;
  /** SHA-256 of tokenizer.model, hexadecimal. */
  readonly tokenizerHash: string;
  /** SHA-256 of a description of the files and options that the texts came from, hexadecimal. */
  readonly sourceHash: string;
}

export const TOKEN_HEADER_BYTES = 128;
const VERSION = 1;
const MAGIC = Buffer.from('RicciTok', 'latin1');

export const idBytesFor = (vocabSize: number): 2 | 4 => (vocabSize <= 1 << 16 ? 2 : 4);

/** Byte offset of the documents' first indices. */
export const offsetsStart = ({ idBytes, tokens }: TokenHeader): number =>
  TOKEN_HEADER_BYTES + Math.ceil((tokens * idBytes) / 8) * 8;

/** Bytes of a whole file. */
export const tokenFileBytes = (header: TokenHeader): number => offsetsStart(header) + (header.documents + 1) * 8;

export function encodeTokenHeader(header: TokenHeader): Uint8Array {
  const bytes = Buffer.alloc(TOKEN_HEADER_BYTES);
  MAGIC.copy(bytes);
  for (const [i, word] of [VERSION, header.idBytes, header.vocabSize, header.endId].entries()) {
    bytes.writeUInt32LE(word, 8 + 4 * i);
  }
  bytes.writeBigUInt64LE(BigInt(header.documents), 24);
  bytes.writeBigUInt64LE(BigInt(header.tokens), 32);
  bytes.write(header.tokenizerHash, 40, 'hex');
  bytes.write(header.sourceHash, 72, 'hex');
  return bytes;
}

/** What is wrong with the first bytes of a file, or its header. */
export function decodeTokenHeader(bytes: Uint8Array): TokenHeader | string {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!view.subarray(0, MAGIC.length).equals(MAGIC)) return 'it does not begin as a token file does';
  if (view.length < TOKEN_HEADER_BYTES) return `it has only ${view.length} bytes`;
  const [version, idBytes, vocabSize, endId] = [8, 12, 16, 20].map((at) => view.readUInt32LE(at));
  if (version !== VERSION) return `it has version ${version}, this program reads version ${VERSION}`;
  if (idBytes !== 2 && idBytes !== 4) return `it says that an id takes ${idBytes} bytes`;
  return {
    idBytes,
    vocabSize: vocabSize!,
    endId: endId!,
    documents: Number(view.readBigUInt64LE(24)),
    tokens: Number(view.readBigUInt64LE(32)),
    tokenizerHash: view.toString('hex', 40, 72),
    sourceHash: view.toString('hex', 72, 104),
  };
}
