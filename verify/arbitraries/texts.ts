import fc from 'fast-check';
import type { PldrConfig } from '../../models/pldr/index.ts';
import { CONTEXT } from './configs.ts';

export interface TextOptions {
  /** Fewest and most tokens; from 1 to half of `CONTEXT` where nothing is said, so that others find room behind it. */
  readonly least?: number;
  readonly most?: number;
  /** Ids are below this; any where nothing is said: `idsIn` fits them to a model that is drawn beside the text. */
  readonly vocabSize?: number;
}

/** Ids above all vocabularies that are drawn, so that none of their ids is drawn much more often than another. */
const ANY_VOCABULARY = 10_001;

/** [PAD], [UNK], [START], [END] and two more stand first in the vocabularies of PLDR-LLM. */
const SPECIAL = 6;

/** A token of a text, with a mark for what else is drawn beside texts: where these shrink, it goes with its token. */
export interface MarkedToken {
  readonly id: number;
  readonly isMarked: boolean;
}

/** Texts as `texts` has them, any of whose tokens may be marked. */
export function markedTexts(
  { least = 1, most = CONTEXT / 2, vocabSize = ANY_VOCABULARY }: TextOptions = {},
): fc.Arbitrary<readonly MarkedToken[]> {
  const id = fc.oneof(
    { withCrossShrink: true },
    { weight: 1, arbitrary: fc.nat(Math.min(SPECIAL, vocabSize) - 1) },
    { weight: 3, arbitrary: fc.nat(vocabSize - 1) },
  );
  const token: fc.Arbitrary<MarkedToken> = fc.record({ id, isMarked: fc.boolean() });
  const ofLength = (minLength: number): fc.Arbitrary<readonly MarkedToken[]> =>
    fc.array(token, { minLength, maxLength: most, size: 'max' });
  const any = fc.oneof(
    { withCrossShrink: true },
    { weight: 6, arbitrary: ofLength(0) },
    { weight: 1, arbitrary: ofLength(0).map((all) => all.map((t) => ({ ...t, id: all[0].id }))) },
    { weight: 1, arbitrary: ofLength(most) },
  );
  // Only arrays that may be empty shrink to any one of their entries: what is missing is added behind.
  return any.map((drawn) => [...drawn, ...plainTokens(least - drawn.length)]);
}

/** The simplest text of a length; of no token where that is negative. */
export const plainTokens = (length: number): readonly MarkedToken[] =>
  Array.from({ length }, () => ({ id: 0, isMarked: false }));

/**
 * Token ids of one text: single tokens, one token again and again, special ids among others, and texts of all the
 * length that there is. Shrinks to few tokens of small ids.
 */
export const texts = (options: TextOptions = {}): fc.Arbitrary<readonly number[]> =>
  markedTexts(options).map((tokens) => tokens.map((t) => t.id));

/** A text for a model: each id modulo the size of its vocabulary. */
export const idsIn = ({ vocabSize }: PldrConfig, text: readonly number[]): readonly number[] =>
  text.map((id) => id % vocabSize);
