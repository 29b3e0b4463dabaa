import { MAX_STOP_IDS } from './limits.ts';
import { isIntegerWithin, problemsError, type ResolvedSampling } from './options.ts';
import type { SamplerLayout } from './sampler.ts';

/** Where a generation begins. */
export interface SamplingStart {
  /** [B]: the position at which the token of step 0 must be placed. */
  readonly position: Int32Array;
  /** [B]: the cache slot in which the token of step 0 must be placed. */
  readonly slot: Int32Array;
  /** Tokens that end a row, at most 8. */
  readonly stopIds: readonly number[];
  /** What an ended row goes on producing. */
  readonly padId: number;
  /** Per row the tokens of the prompt, for the repetition penalty. */
  readonly seen?: readonly (readonly number[])[];
  /**
   * [B]: which stream of random numbers each row draws from; the row's number by default. A row draws the same tokens
   * in any batch and at any place of it, as long as its stream stays the same.
   */
  readonly streams?: Uint32Array;
}

/** @throws RicciError `sampling/invalid-start`, listing every problem at once. */
export function checkStart(layout: SamplerLayout, options: ResolvedSampling, start: SamplingStart): void {
  const problems = [...rowProblems(layout, start), ...idProblems(layout, start)];
  if (options.vocabSize !== layout.vocab) {
    problems.push(`the options were resolved for ${options.vocabSize} tokens, but the sampler has ${layout.vocab}`);
  }
  if (problems.length > 0) throw problemsError('sampling/invalid-start', 'The generation cannot begin', problems);
}

function rowProblems({ batch }: SamplerLayout, { position, slot, seen, streams }: SamplingStart): readonly string[] {
  const lengths = { position: position.length, slot: slot.length, seen: seen?.length, streams: streams?.length };
  return Object.entries(lengths)
    .filter(([, length]) => length !== undefined && length !== batch)
    .map(([field, length]) => `${field} has ${length} rows, but the sampler has ${batch}`);
}

function idProblems({ vocab }: SamplerLayout, { stopIds, padId, seen = [] }: SamplingStart): readonly string[] {
  const known = (id: number): boolean => isIntegerWithin(id, 0, vocab - 1);
  const outside = `not in the vocabulary of ${vocab}`;
  const problems = stopIds.filter((id) => !known(id)).map((id) => `the stop id ${id} is ${outside}`);
  if (stopIds.length > MAX_STOP_IDS) {
    problems.push(`there are ${stopIds.length} stop ids, but at most ${MAX_STOP_IDS} are possible`);
  }
  if (!known(padId)) problems.push(`padId is ${padId}, which is ${outside}`);
  seen.forEach((row, index) => {
    const unknown = row.find((id) => !known(id));
    if (unknown !== undefined) problems.push(`seen of row ${index} holds ${unknown}, which is ${outside}`);
  });
  return problems;
}

/** Words of one row's bits: one bit per token. */
export const seenWords = (vocab: number): number => Math.ceil(vocab / 32);

/** u32 [B, ceil(V / 32)]: bit id % 32 of word id / 32 says whether the row's prompt has the token. */
export function seenBitmap(layout: SamplerLayout, seen: SamplingStart['seen'] = []): Uint32Array<ArrayBuffer> {
  const { batch, vocab } = layout;
  const words = new Uint32Array(batch * seenWords(vocab));
  seen.forEach((ids, row) => {
    for (const id of ids) {
      const word = row * seenWords(vocab) + Math.floor(id / 32);
      words[word] = (words[word] ?? 0) | (1 << id % 32);
    }
  });
  return words;
}
