import { RicciError } from '../../../dsl/errors.ts';
import { appendIds, unknownRule } from './byte-fallback.ts';
import { ByteTrie } from './byte-trie.ts';
import { makeLexicon } from './lexicon.ts';
import type { ModelFile } from './model-file.ts';
import { Normaliser } from './normaliser.ts';
import { specialTrie, splitAtSpecials, type SpecialIds } from './special-tokens.ts';
import { bestSegmentation } from './viterbi.ts';

export interface EncodeOptions {
  /** Puts the begin-of-text id first (default false). */
  readonly bos?: boolean;
  /** Puts the end-of-text id last (default false). */
  readonly eos?: boolean;
  /**
   * Reads the names of control pieces and of the unknown piece in the text as their ids, as Hugging Face's
   * LlamaTokenizer with `legacy: false` does: the dummy prefix then goes only before text that opens the whole, and
   * spaces before such a name vanish. Default false: they are ordinary characters, as in SentencePiece.
   */
  readonly matchSpecials?: boolean;
}

export type Encode = (text: string, options?: EncodeOptions) => number[];

const userDefinedTrie = ({ pieces }: ModelFile): ByteTrie =>
  new ByteTrie(
    [...pieces.entries()].filter(([, { kind }]) => kind === 'userDefined').map(([id, { bytes }]) => [bytes, id]),
  );

/** Ids of UTF-8 text; `continuation` as in `Normaliser.normalise`. */
const makeAppendText = (file: ModelFile, name: string) => {
  const normaliser = new Normaliser(file, userDefinedTrie(file), name);
  const lexicon = makeLexicon(file);
  const rule = unknownRule(file);
  return (ids: number[], text: Uint8Array, continuation: boolean): void => {
    const normalised = normaliser.normalise(text, continuation);
    appendIds(ids, normalised, bestSegmentation(normalised, lexicon), lexicon.unknownId, rule);
  };
};

/**
 * The `encode` of a tokenizer: normalise, cut into the likeliest pieces, spell unknown ones in bytes.
 *
 * @throws RicciError `tokenizer/bad-charsmap`
 */
export const makeEncode = (file: ModelFile, specials: SpecialIds, name: string): Encode => {
  const appendText = makeAppendText(file, name);
  const writtenSpecials = specialTrie(file);
  const utf8 = new TextEncoder();

  const special = (which: 'bos' | 'eos'): number => {
    const id = specials[which];
    if (id !== undefined) return id;
    throw new RicciError({
      code: 'tokenizer/special-missing',
      message: `${name} has no ${which} piece (its specification names "${file.trainer[`${which}Piece`]}").`,
      hint: `Encode without ${which}, or use a tokenizer that was trained with one.`,
    });
  };
  return (text, { bos = false, eos = false, matchSpecials = false } = {}) => {
    const bytes = utf8.encode(text);
    const ids = bos ? [special('bos')] : [];
    const last = eos ? [special('eos')] : [];
    if (!matchSpecials) appendText(ids, bytes, false);
    else {
      splitAtSpecials(bytes, writtenSpecials).forEach((part, i) => {
        if (part.kind === 'special') ids.push(part.id);
        else appendText(ids, part.bytes, i > 0);
      });
    }
    return ids.concat(last);
  };
};
