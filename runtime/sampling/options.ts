import { RicciError } from '../../dsl/errors.ts';
import { MAX_VOCAB } from './limits.ts';

/**
 * In which order the filters apply.
 * - `authors`: temperature, top-p, top-k, as the PLDR-LLM authors generate. Top-p keeps the tokens *before* the one
 *   that crosses p (the most likely one in any case), and every token that ties with the last kept one.
 * - `hf`: temperature, top-k, top-p, as Hugging Face's `generate`. Top-p includes the token that crosses p; of tokens
 *   that tie there, the lowest ids are kept.
 * In both the repetition penalty comes first and min-p last; the authors have neither.
 */
export type SamplingOrder = 'authors' | 'hf';

export interface SamplingOptions {
  /** Divides the logits; 1 by default. In (0, 1] for the authors' order, any positive number for `hf`. */
  readonly temperature?: number;
  /** Keeps the most likely tokens that together hold this probability, in (0, 1]; 1 (the default) keeps all. */
  readonly topP?: number;
  /** Keeps the tokens that are at least as likely as the k-th; 0 (the default) keeps all. */
  readonly topK?: number;
  /** Keeps the tokens at least this many times as likely as the most likely one, in [0, 1]; 0 by default. */
  readonly minP?: number;
  /** Divides positive and multiplies negative logits of the tokens seen so far; 1 (the default) does nothing. */
  readonly repetitionPenalty?: number;
  /** The draws depend on the seed (an unsigned 32-bit integer, 0 by default), the row's stream and the step alone. */
  readonly seed?: number;
  /** Takes the most likely token (of several the one with the lowest id) and ignores the filters. */
  readonly greedy?: boolean;
  readonly order?: SamplingOrder;
}

/** Sampling options that were checked against a vocabulary, with every default filled in. */
export interface ResolvedSampling extends Required<SamplingOptions> {
  /** V, the number of logits per row. */
  readonly vocabSize: number;
}

/**
 * Fills in the defaults and checks every option; the `hf` order lowers a `topK` above the vocabulary to its size.
 * @throws RicciError `sampling/invalid-options`, listing every problem at once.
 */
export function resolveSampling(options: SamplingOptions, vocabSize: number): ResolvedSampling {
  const resolved: ResolvedSampling = {
    temperature: options.temperature ?? 1,
    topP: options.topP ?? 1,
    topK: options.topK ?? 0,
    minP: options.minP ?? 0,
    repetitionPenalty: options.repetitionPenalty ?? 1,
    seed: options.seed ?? 0,
    greedy: options.greedy ?? false,
    order: options.order ?? 'authors',
    vocabSize,
  };
  const problems = [...rangeProblems(resolved), ...orderProblems(resolved)];
  if (problems.length > 0) throw problemsError('sampling/invalid-options', 'The sampling is ill-defined', problems);
  return resolved.order === 'hf' ? { ...resolved, topK: Math.min(resolved.topK, vocabSize) } : resolved;
}

function rangeProblems(options: ResolvedSampling): readonly string[] {
  const { topP, topK, minP, repetitionPenalty, seed, vocabSize } = options;
  const problems: string[] = [];
  if (!(topP > 0 && topP <= 1)) {
    problems.push(`topP is ${topP}, but must be above 0 and at most 1 (1 keeps every token)`);
  }
  if (!isIntegerWithin(topK, 0, Number.MAX_SAFE_INTEGER)) {
    problems.push(`topK is ${topK}, but must be a whole number from 0 up (0 keeps every token)`);
  }
  if (!(minP >= 0 && minP <= 1)) problems.push(`minP is ${minP}, but must be from 0 to 1 (0 keeps every token)`);
  // Neither it nor its reciprocal leaves the normal f32 range: a logit times 0 or infinity could be no number.
  if (!(repetitionPenalty >= 2 ** -100 && repetitionPenalty <= 2 ** 100)) {
    problems.push(`repetitionPenalty is ${repetitionPenalty}, but must be from 2^-100 to 2^100 (1 does nothing)`);
  }
  if (!isIntegerWithin(seed, 0, 0xffff_ffff)) {
    problems.push(`seed is ${seed}, but must be a whole number from 0 to 4294967295`);
  }
  if (!isIntegerWithin(vocabSize, 1, MAX_VOCAB)) {
    problems.push(`the vocabulary has ${vocabSize} tokens, but must have from 1 to ${MAX_VOCAB}`);
  }
  return problems;
}

/** What only one of the two orders allows. */
function orderProblems({ order, temperature, topK, vocabSize }: ResolvedSampling): readonly string[] {
  switch (order) {
    case 'authors': {
      const problems: string[] = [];
      if (!(temperature > 0 && temperature <= 1)) problems.push(`temperature is ${temperature}, but ${AUTHORS_RANGE}`);
      if (topK > vocabSize) problems.push(`topK is ${topK}, but the vocabulary has only ${vocabSize} tokens`);
      return problems;
    }
    case 'hf':
      if (temperature > 0 && Number.isFinite(temperature)) return [];
      return [`temperature is ${temperature}, but must be a finite number above 0 (for the limit 0, set greedy)`];
    default:
      return [`order is ${JSON.stringify(order satisfies never)}, but must be "authors" or "hf"`];
  }
}

const AUTHORS_RANGE =
  'the authors\' order needs it above 0 and at most 1 (for the limit 0, set greedy; for more than 1, set order "hf")';

export const isIntegerWithin = (value: number, low: number, high: number): boolean =>
  Number.isInteger(value) && value >= low && value <= high;

/** One error that lists every problem, so that a user repairs them in one go. */
export const problemsError = (code: string, subject: string, problems: readonly string[]): RicciError =>
  new RicciError({
    code,
    message: [`${subject}:`, ...problems.map((problem) => `  - ${problem}`)].join('\n'),
    hint: 'Change the values listed above.',
  });
