/** The exact SentencePiece unigram tokenizer. */
export type { DecodeOptions, TokenStream } from './token-stream.ts';
export type { SpecialIds } from './special-tokens.ts';
export type { EncodeOptions } from './encoder.ts';
export type { Tokenizer } from './tokenizer.ts';
export { parseTokenizer } from './tokenizer.ts';
export { loadTokenizer } from './load-tokenizer.ts';
