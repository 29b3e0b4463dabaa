import { RicciError } from '../dsl/errors.ts';
import {
  layoutPrompt, newTokens, type Padding, type PldrConfig, type Prompt, type Tokenizer,
} from '../models/pldr/index.ts';

/** Tokens that are generated when nobody says how many. */
const DEFAULT_NEW_TOKENS = 100;

/**
 * Token ids of a prompt. A text without any token is the single token [END], as the authors begin from nothing.
 * @throws `checkpoint/no-end-token` for an empty text where the model has no such token
 */
export function promptIds(
  text: string,
  tokenizer: Tokenizer,
  config: PldrConfig,
  matchSpecials: boolean,
): readonly number[] {
  const ids = tokenizer.encode(text, { matchSpecials });
  if (ids.length > 0) return ids;
  const end = config.eosId ?? tokenizer.specials.eos;
  if (end !== undefined) return [end];
  throw new RicciError({
    code: 'checkpoint/no-end-token',
    message: 'The prompt is empty, and this model has no end token to begin from.',
    hint: 'Give a prompt.',
  });
}

/** Checks a prompt before any device is opened. @throws `pldr/prompt`, `pldr/context` */
export function checkPrompt(prompt: Prompt, padding: Padding, config: PldrConfig): { readonly length: number } {
  const { vocabSize, contextLength, padId } = config;
  return layoutPrompt(prompt, padding, { vocab: vocabSize, context: contextLength, padId: padId ?? 0 });
}

/**
 * How many tokens to generate after a prompt of `length` tokens.
 * @throws `pldr/context` when they do not fit, or none fits
 */
export function newTokensAfter(length: number, wanted: number | undefined, { contextLength }: PldrConfig): number {
  const some = Math.max(1, Math.min(DEFAULT_NEW_TOKENS, contextLength - length));
  return newTokens(length, contextLength, wanted ?? some);
}
