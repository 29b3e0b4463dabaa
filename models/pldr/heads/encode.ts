import type { Tokenizer } from '../tokenizer/index.ts';

/** What begins a word in the spelling of a piece. */
const SPACE = '▁';

/** Ids of a text; of an empty one, the single token that ends texts. */
export function encodeText(tokenizer: Tokenizer, text: string): readonly number[] {
  const ids = tokenizer.encode(text);
  return ids.length > 0 ? ids : tokenizer.encode('', { eos: true });
}

/** Words as tokens, each by itself. */
export interface EncodedWords {
  readonly ids: readonly number[];
  /** For each word the index of its first token; undefined for a word that has none (white space). */
  readonly first: readonly (number | undefined)[];
}

export function encodeWords(tokenizer: Tokenizer, words: readonly string[]): EncodedWords {
  const ids: number[] = [];
  const first = words.map((word) => {
    const at = ids.length;
    ids.push(...tokenizer.encode(word));
    return ids.length > at ? at : undefined;
  });
  return { ids, first };
}

/** Characters [from, to) of a text, as JavaScript counts them. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A question, the end token, and the text that answers it. */
export interface EncodedQuestion {
  readonly ids: readonly number[];
  /** Which characters of the text each token stands for; undefined for the question and the end token. */
  readonly spans: readonly (Span | undefined)[];
}

export function encodeQuestion(tokenizer: Tokenizer, question: string, context: string): EncodedQuestion {
  const asked = tokenizer.encode(question, { eos: true });
  const ids = [...asked];
  const spans: (Span | undefined)[] = asked.map(() => undefined);
  for (const { index, 0: word } of context.matchAll(/\S+/gu)) {
    const pieces = tokenizer.encode(word);
    ids.push(...pieces);
    spans.push(...spansIn(word, pieces.map((id) => tokenizer.piece(id)), index));
  }
  return { ids, spans };
}

/** Pieces that do not spell the word out (it was normalised, or is spelt in bytes) stand for the whole of it. */
function spansIn(word: string, pieces: readonly string[], start: number): readonly Span[] {
  const spelling = pieces.join('');
  const before = spelling.startsWith(SPACE) ? SPACE.length : 0;
  if (spelling.slice(before) !== word) return pieces.map(() => ({ from: start, to: start + word.length }));
  let read = 0;
  return pieces.map((piece) => {
    const from = Math.max(0, read - before);
    read += piece.length;
    return { from: start + from, to: start + Math.max(0, read - before) };
  });
}
