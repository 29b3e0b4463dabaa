import { softmaxOf } from './softmax.ts';

/** Tokens [from, to] and how likely they are. */
export interface TokenRange {
  readonly from: number;
  readonly to: number;
  readonly probability: number;
}

/**
 * The likeliest range that ends where it begins or later: the product of the probabilities that an answer begins at its
 * first token and ends at its last.
 * @param logits [pos, 2]
 * @param isPart whether an answer may contain a token
 */
export function bestAnswer(logits: ArrayLike<number>, isPart: (token: number) => boolean): TokenRange | undefined {
  const tokens = Array.from({ length: logits.length / 2 }, (_, i) => i).filter(isPart);
  const starts = softmaxOf(tokens.map((i) => logits[2 * i]!));
  const ends = softmaxOf(tokens.map((i) => logits[2 * i + 1]!));
  let best: TokenRange | undefined;
  let first = 0;
  tokens.forEach((to, i) => {
    if (starts[i]! > starts[first]!) first = i;
    const probability = starts[first]! * ends[i]!;
    if (best === undefined || probability > best.probability) best = { from: tokens[first]!, to, probability };
  });
  return best;
}
