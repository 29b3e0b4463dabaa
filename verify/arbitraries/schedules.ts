import fc from 'fast-check';
import type { CacheMode } from '../../models/pldr/index.ts';
import { CONTEXT } from './configs.ts';
import { markedTexts, type TextOptions } from './texts.ts';

/** How a text is read: so many tokens as the prompt, then chunk after chunk, with what the mode keeps in between. */
export interface CacheSchedule {
  readonly mode: CacheMode;
  /** Tokens of the prompt, one or more. */
  readonly prompt: number;
  /** Tokens of each chunk, one or more; with `prompt` their sum is the length of the text. */
  readonly chunks: readonly number[];
}

/** A text with a way to read it. */
export interface ScheduledText {
  readonly ids: readonly number[];
  readonly schedule: CacheSchedule;
}

/** All modes of caching, the one that sessions use first. */
export const CACHE_MODES: readonly CacheMode[] = ['kv+g', 'kv', 'g', 'none'];

/**
 * Ways to read a text of `length` tokens. Shrinks to all of it as the prompt, with keys, values and G kept.
 * @param modes those that may occur; all four where nothing is said
 */
export const schedules = (length: number, modes = CACHE_MODES): fc.Arbitrary<CacheSchedule> =>
  fc
    .record({
      mode: fc.constantFrom(...modes),
      cuts: fc.array(fc.boolean(), { minLength: length - 1, maxLength: length - 1, size: 'max' }),
    })
    .map(({ mode, cuts }) => cutAt(mode, cuts));

/** Texts, by default as long as `CONTEXT` at most, with ways to read them. Shrinks as both do. */
export const scheduledTexts = (options: TextOptions = {}, modes = CACHE_MODES): fc.Arbitrary<ScheduledText> =>
  fc
    .record({ tokens: markedTexts({ most: CONTEXT, ...options }), mode: fc.constantFrom(...modes) })
    .map(({ tokens, mode }) => ({
      ids: tokens.map((t) => t.id), schedule: cutAt(mode, tokens.slice(0, -1).map((t) => t.isMarked)),
    }));

/** @param cuts between each token and the next, whether the text is cut there */
function cutAt(mode: CacheMode, cuts: readonly boolean[]): CacheSchedule {
  const ends = [...cuts.flatMap((isCut, i) => (isCut ? [i + 1] : [])), cuts.length + 1];
  const [prompt, ...chunks] = ends.map((end, i) => end - (i === 0 ? 0 : ends[i - 1]));
  return { mode, prompt, chunks };
}
