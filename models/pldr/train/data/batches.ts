import { RicciError } from '../../../../dsl/errors.ts';
import { readBatch } from './batch.ts';
import type { Batch } from './batch.ts';
import { chunkTable } from './chunks.ts';
import type { Chunk, ChunkOptions, ChunkTable } from './chunks.ts';
import type { DocumentRange } from './hold-out.ts';
import { orderedText } from './ordered-text.ts';
import type { OrderedText } from './ordered-text.ts';
import { permutation } from './permutation.ts';
import type { TokenFile } from './token-file.ts';

/** What is put in another order at the start of each epoch: chunks; or documents, before they are cut. */
export type Shuffle = 'chunks' | 'documents' | 'none';

/** Which chunk comes next: all that is needed to go on. */
export interface DataPosition {
  readonly seed: number;
  /** Times that all chunks have been read. */
  readonly epoch: number;
  /** Chunks of this epoch that have been read. */
  readonly position: number;
}

export interface BatchOptions extends ChunkOptions {
  /** Chunks of a batch. */
  readonly rows: number;
  readonly shuffle: Shuffle;
}

/** Batches without end, epoch after epoch. */
export interface BatchStream {
  /** Where the next batch begins. */
  readonly position: DataPosition;
  /** Chunks of the epoch that `position` is in. */
  readonly chunks: number;
  /** A batch that an epoch ends in is filled up from the next one. Ask again only when it is there. */
  next(): Promise<Batch>;
}

/**
 * Batches from a position on. The order of an epoch comes from the seed and the epoch's number alone.
 * @throws RicciError `data/too-small` when there are not enough tokens for one chunk, `data/position` when the
 * position lies beyond the epoch's end
 */
export function trainingBatches(
  tokens: TokenFile,
  range: DocumentRange,
  options: BatchOptions,
  start: DataPosition,
): BatchStream {
  checkSize(tokens, range, options.length);
  const { seed } = start;
  let { epoch, position } = start;
  let order = epochOrder(tokens, range, options, seed, epoch);
  if (position > order.count) throw beyondEpoch(start, order.count);
  const nextChunk = (): { text: OrderedText; chunk: Chunk } => {
    if (position === order.count) {
      epoch++;
      position = 0;
      order = epochOrder(tokens, range, options, seed, epoch);
    }
    return { text: order.text, chunk: order.at(position++) };
  };
  return {
    get position() {
      return { seed, epoch, position };
    },
    get chunks() {
      return order.count;
    },
    next: () => readBatch(Array.from({ length: options.rows }, nextChunk), options),
  };
}

/**
 * The batches of one pass in order, the last one filled up with rows without targets.
 * @param most batches at most
 */
export async function* validationBatches(
  tokens: TokenFile,
  range: DocumentRange,
  options: Omit<BatchOptions, 'shuffle'>,
  most = Infinity,
): AsyncGenerator<Batch> {
  const text = orderedText(tokens, range);
  const table = chunkTable(text.starts, options);
  for (let at = 0; at < table.count && at / options.rows < most; at += options.rows) {
    const rows = Math.min(options.rows, table.count - at);
    yield await readBatch(Array.from({ length: rows }, (_, i) => ({ text, chunk: table.at(at + i) })), options);
  }
}

interface EpochOrder extends ChunkTable {
  readonly text: OrderedText;
}

function epochOrder(
  tokens: TokenFile,
  range: DocumentRange,
  options: BatchOptions,
  seed: number,
  epoch: number,
): EpochOrder {
  const shuffled = (count: number): Uint32Array => permutation(count, seed, `epoch ${epoch}`);
  const documents = options.shuffle === 'documents' ? shuffled(range.to - range.from) : undefined;
  const text = orderedText(tokens, range, documents);
  const table = chunkTable(text.starts, options);
  if (options.shuffle !== 'chunks') return { ...table, text };
  const chunks = shuffled(table.count);
  return { count: table.count, at: (i) => table.at(chunks[i]!), text };
}

function checkSize(tokens: TokenFile, range: DocumentRange, length: number): void {
  const count = tokens.starts[range.to]! - tokens.starts[range.from]!;
  if (count >= length) return;
  throw new RicciError({
    code: 'data/too-small',
    message: `There are ${count} tokens to train on in ${tokens.path}, and one chunk has ${length}.`,
    hint: 'Give more text, or train with a shorter context.',
  });
}

const beyondEpoch = ({ epoch, position }: DataPosition, count: number): RicciError =>
  new RicciError({
    code: 'data/position',
    message: `Epoch ${epoch} has ${count} chunks; training was to go on at chunk ${position}.`,
    hint: 'The texts, the context or the cutting are others than before: go on with those, or start anew.',
  });
