import type { DocumentRange } from './hold-out.ts';
import type { TokenFile } from './token-file.ts';

/** Documents of a token file in some order, as one text. */
export interface OrderedText {
  /** Where each document begins in this text, and the number of tokens last. */
  readonly starts: Float64Array;
  /** Reads the ids [from, from + target.length) of this text. Throws as `TokenFile.read`. */
  read(from: number, target: Int32Array): Promise<void>;
}

/**
 * @param order a permutation of 0 … documents − 1, counted from the range's first; undefined leaves them as they are
 */
export function orderedText(tokens: TokenFile, range: DocumentRange, order?: Uint32Array): OrderedText {
  const placeOf = (i: number): number => range.from + (order === undefined ? i : order[i]!);
  const count = range.to - range.from;
  const starts = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) {
    const document = placeOf(i);
    starts[i + 1] = starts[i]! + tokens.starts[document + 1]! - tokens.starts[document]!;
  }
  const first = tokens.starts[range.from]!;
  const inOrder: OrderedText['read'] = (from, target) => tokens.read(first + from, target);
  const shuffled: OrderedText['read'] = async (from, target) => {
    for (let done = 0, i = lastAtMost(starts, from); done < target.length; i++) {
      const skipped = from + done - starts[i]!;
      const part = target.subarray(done, done + starts[i + 1]! - starts[i]! - skipped);
      await tokens.read(tokens.starts[placeOf(i)]! + skipped, part);
      done += part.length;
    }
  };
  return { starts, read: order === undefined ? inOrder : shuffled };
}

/** The last index whose value is at most `value`; the values rise, and the first is at most `value`. */
export function lastAtMost(values: Float64Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= value) low = middle;
    else high = middle;
  }
  return low;
}
