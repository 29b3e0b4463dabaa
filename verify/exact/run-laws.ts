import type { InterpretedModel } from '../interpreted/reading.ts';
import type { PldrModel } from '../../models/pldr/index.ts';
import { follow } from '../texts.ts';
import type { Followed, Law, LawResult, LawSubject } from './law.ts';
import { LAWS } from './laws.ts';
import { largestOf, type Pair } from './pairs.ts';
import { precisionOf } from './precision.ts';

/** As often as this the effect of rounding every value once: each sum of a kernel rounds as often as it has terms. */
const ROUNDINGS = 10;

/** Tokens that each row of a batch is followed for. */
const BATCH_STEPS = 3;

/**
 * Asks all laws of a model on its device.
 * @param onLaw is told of each as soon as it is known
 * @throws whatever `forward` throws
 */
export async function runLaws(
  subject: LawSubject, onLaw: (result: LawResult) => void = () => undefined, laws: readonly Law[] = LAWS,
): Promise<readonly LawResult[]> {
  const { model, interpreted, prompts, steps } = subject;
  const followed = await followedText(model, interpreted, prompts[0], steps);
  const each = [followed];
  for (const prompt of prompts.slice(1)) {
    each.push(await followedText(model, interpreted, prompt, Math.min(steps, BATCH_STEPS)));
  }
  const bound = ROUNDINGS * Math.max(...each.map((f) => f.precision.rounding));
  const results: LawResult[] = [];
  for (const law of laws) {
    const result = resultOf(law, await law.pairs({ ...subject, ...followed, each }), bound);
    onLaw(result);
    results.push(result);
  }
  return results;
}

async function followedText(
  model: PldrModel, interpreted: InterpretedModel, prompt: readonly number[], steps: number,
): Promise<Followed> {
  const { ids, logits } = await follow(model, prompt, steps);
  return { prompt, ids, logits, precision: precisionOf(interpreted, prompt, ids.slice(0, -1)) };
}

function resultOf({ name, statement }: Law, pairs: readonly Pair[], bound: number): LawResult {
  const largest = largestOf(pairs);
  return { name, statement, largest, bound, holds: largest <= bound, compared: pairs.length };
}
