import { RicciError } from '../../../dsl/errors.ts';
import { checkModel } from './check-model.ts';
import { makeEncode, type Encode } from './encoder.ts';
import { parseModelFile } from './model-file.ts';
import { specialIds, type SpecialIds } from './special-tokens.ts';
import { leadingSpaces, surfaceOfPiece, type Surface } from './surface.ts';
import { makeTokenStream, type DecodeOptions, type TokenStream } from './token-stream.ts';

/** A SentencePiece unigram tokenizer: the ids and texts are exactly SentencePiece's. */
export interface Tokenizer {
  /** Number of pieces; ids run from 0 to size − 1. */
  readonly size: number;
  readonly specials: SpecialIds;
  /**
   * Ids of a text. Whitespace is normalised as the model says: with its defaults runs become one space, and spaces at
   * both ends vanish. A lone surrogate is read as U+FFFD.
   *
   * @throws RicciError `tokenizer/special-missing` where bos or eos is asked for and the model has none
   */
  readonly encode: Encode;
  /**
   * Text of ids: control pieces vanish, byte pieces that make no UTF-8 become U+FFFD each.
   *
   * @throws RicciError `tokenizer/id-out-of-range`, listing the offending ids
   */
  decode(ids: readonly number[], options?: DecodeOptions): string;
  /**
   * The piece as the model spells it, spaces as U+2581.
   *
   * @throws RicciError `tokenizer/id-out-of-range`
   */
  piece(id: number): string;
  /** Decodes the ids of one text as they come. */
  stream(options?: DecodeOptions): TokenStream;
}

const shownIds = 10;

const checkIds = (ids: readonly number[], size: number): void => {
  const wrong = ids.filter((id) => !Number.isInteger(id) || id < 0 || id >= size);
  if (wrong.length === 0) return;
  const shown = wrong.slice(0, shownIds).join(', ');
  const more = wrong.length > shownIds ? ` and ${wrong.length - shownIds} more` : '';
  throw new RicciError({
    code: 'tokenizer/id-out-of-range',
    message: `The tokenizer has ids 0 to ${size - 1}; it was given ${shown}${more}.`,
    hint: 'Check that the model and the tokenizer belong together: their vocabulary sizes must agree.',
  });
};

/**
 * Reads a SentencePiece unigram model; `name` stands for it in errors.
 *
 * @throws RicciError `tokenizer/not-sentencepiece`, `tokenizer/not-unigram`, `tokenizer/no-pieces`,
 * `tokenizer/bad-pieces`, `tokenizer/bad-charsmap` or `tokenizer/unsupported`
 */
export const parseTokenizer = (bytes: Uint8Array, name = 'the tokenizer model'): Tokenizer => {
  const file = parseModelFile(bytes, name);
  checkModel(file, name);
  const { pieces } = file;
  const specials = specialIds(file);
  const surfaces = pieces.map((piece) => surfaceOfPiece(piece, file.trainer.unkSurface));
  const leading = leadingSpaces(file);
  const surfaceOf = (id: number): Surface => {
    checkIds([id], pieces.length);
    return surfaces[id]!;
  };
  const stream = (options?: DecodeOptions): TokenStream => makeTokenStream(surfaceOf, leading, options);
  return {
    size: pieces.length,
    specials,
    encode: makeEncode(file, specials, name),
    decode: (ids, options) => {
      checkIds(ids, pieces.length);
      const { push, end } = stream(options);
      return ids.map(push).join('') + end();
    },
    piece: (id) => {
      checkIds([id], pieces.length);
      return pieces[id]!.text;
    },
    stream,
  };
};
