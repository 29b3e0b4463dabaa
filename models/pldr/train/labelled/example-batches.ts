import { RicciError } from '../../../../dsl/errors.ts';
import type { Batch } from '../data/batch.ts';
import type { BatchStream, DataPosition } from '../data/batches.ts';
import { permutation } from '../data/permutation.ts';

/** An example in numbers. */
export interface NumberedExample {
  readonly ids: readonly number[];
  readonly targets: readonly number[];
}

/** How examples lie in a batch. */
export interface RowShape {
  /** Examples of a batch. */
  readonly rows: number;
  readonly positions: number;
  /** The id that fills short rows. */
  readonly padding: number;
  /** Targets of a row. */
  readonly width: number;
  /** The target that stands for none. */
  readonly none: number;
}

/**
 * Batches without end, in another order in each epoch where they are shuffled: it comes from the seed and the epoch's
 * number alone. A batch that an epoch ends in is filled up from the next one.
 * @throws RicciError `data/position` when the position lies beyond the epoch's end
 */
export function exampleBatches(
  examples: readonly NumberedExample[], shape: RowShape & { readonly shuffled: boolean }, start: DataPosition,
): BatchStream {
  const { seed } = start;
  let { epoch, position } = start;
  const ordered = (): Uint32Array =>
    (shape.shuffled ? permutation(examples.length, seed, `epoch ${epoch}`) : Uint32Array.from(examples, (_, i) => i));
  let order = ordered();
  if (position > order.length) throw beyondEpoch(start, order.length);
  const next = (): NumberedExample => {
    if (position === order.length) {
      [epoch, position] = [epoch + 1, 0];
      order = ordered();
    }
    return examples[order[position++]!]!;
  };
  return {
    get position() {
      return { seed, epoch, position };
    },
    chunks: examples.length,
    next: () => Promise.resolve(batchOf(Array.from({ length: shape.rows }, next), shape)),
  };
}

/** The batches of one pass in order, `most` at most, the last one filled up with rows that have no targets. */
export function* batchesInOrder(
  examples: readonly NumberedExample[], shape: RowShape, most: number,
): Generator<Batch> {
  for (let at = 0; at < examples.length && at / shape.rows < most; at += shape.rows) {
    yield batchOf(examples.slice(at, at + shape.rows), shape);
  }
}

function batchOf(examples: readonly NumberedExample[], { rows, positions, padding, width, none }: RowShape): Batch {
  const ids = new Int32Array(rows * positions).fill(padding);
  const targets = new Int32Array(rows * width).fill(none);
  for (const [row, example] of examples.entries()) {
    ids.set(example.ids, row * positions);
    targets.set(example.targets, row * width);
  }
  return { rows, positions, ids, targets };
}

const beyondEpoch = ({ epoch, position }: DataPosition, count: number): RicciError => new RicciError({
  code: 'data/position',
  message: `Epoch ${epoch} has ${count} examples; training was to go on at example ${position}.`,
  hint: 'The data are others than before: go on with those, or start anew.',
});
