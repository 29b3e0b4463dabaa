import { extend, read, type InterpretedModel } from '../interpreted/reading.ts';
import { largestDifference } from '../numbers.ts';

/** A text in the interpreter: logits [step, vocab] after the prompt and after each further token. */
export interface Precision {
  /** In double precision. */
  readonly logits: readonly Float64Array[];
  /** How far any of them moves where every value of the graph is rounded once to single precision. */
  readonly rounding: number;
}

/**
 * How exact single precision can be for a text. A kernel rounds as often as its sums have terms, and what the model
 * magnifies it magnifies: so the effect of rounding every value once is the unit in which laws of a device are stated.
 */
export function precisionOf(model: InterpretedModel, prompt: readonly number[], tokens: readonly number[]): Precision {
  const logits = logitsOf(model, prompt, tokens, undefined);
  const single = logitsOf(model, prompt, tokens, Math.fround);
  return { logits, rounding: Math.max(...logits.map((exact, n) => largestDifference(single[n], exact))) };
}

function logitsOf(
  model: InterpretedModel, prompt: readonly number[], tokens: readonly number[],
  round: ((x: number) => number) | undefined,
): readonly Float64Array[] {
  let reading = read(model, { rows: [prompt] }, round === undefined ? {} : { round });
  const logits = [reading.logits.data];
  for (const token of tokens) {
    reading = extend(reading, [token]);
    logits.push(reading.logits.data);
  }
  return logits;
}
