import type { Chunk, ChunkMode } from './chunks.ts';
import type { OrderedText } from './ordered-text.ts';

/** Rows that are computed at once. */
export interface Batch {
  readonly rows: number;
  readonly positions: number;
  /** Tokens [rows, positions], padding where a row is short. */
  readonly ids: Int32Array;
  /** What the task compares with. Of chunks of text: the token that follows each [rows, positions]; 0 is no target. */
  readonly targets: Int32Array;
}

/** Tokens of a batch that are no padding (id 0). */
export const tokensIn = ({ ids }: Batch): number => ids.reduce((n, id) => n + (id === 0 ? 0 : 1), 0);

/**
 * Reads chunks into the rows of a batch, each but for its last token, with 0 where one is short; its targets are each
 * but for its first. Rows beyond them are all 0. A batch of `nopad` is as wide as its longest
 * chunk.
 * @param length tokens of a whole chunk
 */
export async function readBatch(
  chunks: readonly { readonly text: OrderedText; readonly chunk: Chunk }[],
  shape: { readonly rows: number; readonly length: number; readonly mode: ChunkMode },
): Promise<Batch> {
  const { rows, mode } = shape;
  const longest = Math.max(...chunks.map(({ chunk }) => chunk.length));
  const positions = (mode === 'nopad' ? longest : shape.length) - 1;
  const ids = new Int32Array(rows * positions);
  const targets = new Int32Array(rows * positions);
  for (const [row, { text, chunk }] of chunks.entries()) {
    const tokens = new Int32Array(positions + 1);
    await text.read(chunk.from, tokens.subarray(0, chunk.length));
    // A chunk that is not padded ends before its last token is read; a padded one goes on with 0.
    const read = mode === 'nopad' ? chunk.length - 1 : positions;
    ids.set(tokens.subarray(0, read), row * positions);
    targets.set(tokens.subarray(1), row * positions);
  }
  return { rows, positions, ids, targets };
}
