import { lastAtMost } from './ordered-text.ts';

/**
 * How documents become chunks of `length` tokens (spec section 8). They are concatenated and cut. `pack` cuts all of
 * them as one text, so that only the last chunk can be short. `pad` and `nopad` cut groups of documents, each of
 * which ends in a short chunk: `pad` fills it with 0 before targets are taken, `nopad` leaves it short.
 */
export type ChunkMode = 'pack' | 'pad' | 'nopad';

export interface ChunkOptions {
  readonly mode: ChunkMode;
  /** Tokens of a chunk: one more than positions. */
  readonly length: number;
  /** Documents of a group, for `pad` and `nopad`. */
  readonly group: number;
}

/** The tokens [from, from + length) of a text. */
export interface Chunk {
  readonly from: number;
  readonly length: number;
}

export interface ChunkTable {
  readonly count: number;
  at(index: number): Chunk;
}

/**
 * The chunks of a text in order. A chunk of one token has no target, and is left out.
 * @param starts where each document begins, and the number of tokens last
 */
export function chunkTable(starts: Float64Array, { mode, length, group }: ChunkOptions): ChunkTable {
  const documents = starts.length - 1;
  const groups = mode === 'pack' ? 1 : Math.ceil(documents / group);
  const perGroup = mode === 'pack' ? documents : group;
  const groupStart = (i: number): number => starts[Math.min(i * perGroup, documents)]!;
  const firstChunk = new Float64Array(groups + 1);
  for (let i = 0; i < groups; i++) {
    firstChunk[i + 1] = firstChunk[i]! + chunksOf(groupStart(i + 1) - groupStart(i), length);
  }
  const at = (index: number): Chunk => {
    const i = lastAtMost(firstChunk, index);
    const from = groupStart(i) + (index - firstChunk[i]!) * length;
    return { from, length: Math.min(length, groupStart(i + 1) - from) };
  };
  return { count: firstChunk[groups]!, at };
}

const chunksOf = (tokens: number, length: number): number =>
  Math.floor(tokens / length) + (tokens % length > 1 ? 1 : 0);
