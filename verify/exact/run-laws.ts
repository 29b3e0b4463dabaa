import { largestDifference } from '../numbers.ts';
import { follow } from '../texts.ts';
import type { Followed, Law, LawResult, LawSubject, Pair } from './law.ts';
import { LAWS } from './laws.ts';
import { precisionOf } from './precision.ts';

/** As often as this the effect of rounding every value once: each sum of a kernel rounds as often as it has terms. */
const ROUNDINGS = 10;

/**
 * Asks all laws of a model on its device.
 * @param onLaw is told of each as soon as it is known
 * @throws whatever `forward` throws
 */
export async function runLaws(
  subject: LawSubject, onLaw: (result: LawResult) => void = () => undefined, laws: readonly Law[] = LAWS,
): Promise<readonly LawResult[]> {
  const followed = await followedText(subject);
  const others = subject.prompts.slice(1).map((p) => precisionOf(subject.interpreted, p, []).rounding);
  const bound = ROUNDINGS * Math.max(followed.precision.rounding, ...others);
  const results: LawResult[] = [];
  for (const law of laws) {
    const result = resultOf(law, await law.pairs(followed), bound);
    onLaw(result);
    results.push(result);
  }
  return results;
}

async function followedText(subject: LawSubject): Promise<Followed> {
  const [prompt] = subject.prompts;
  const { ids, logits } = await follow(subject.model, prompt, subject.steps);
  return { ...subject, prompt, ids, logits, precision: precisionOf(subject.interpreted, prompt, ids.slice(0, -1)) };
}

function resultOf({ name, statement }: Law, pairs: readonly Pair[], bound: number): LawResult {
  const differences = pairs.map(([x, y]) => largestDifference(x, y));
  const largest = differences.some(Number.isNaN) ? NaN : Math.max(...differences);
  return { name, statement, largest, bound, holds: largest <= bound, compared: pairs.length };
}
