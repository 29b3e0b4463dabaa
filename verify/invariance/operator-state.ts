import type { PldrModel } from '../../models/pldr/index.ts';
import { layerFacts } from '../operators/layers.ts';
import { summaryOf, type TensorSummary } from '../operators/summary.ts';
import { readText, type ByDeduced, type LayerDeductions } from './deductions.ts';
import { wholeChanges, type Extent } from './whole-change.ts';

/** Where a model stands on the way to operators that no text moves: few numbers, for models that are compared. */
export interface OperatorState {
  /** The relative change of each tensor between two prompts, all layers together, over all ordered pairs. */
  readonly change: ByDeduced<Extent>;
  /** Of what the first prompt deduces. */
  readonly operators: ByDeduced<TensorSummary>;
  /** What the first prompt deduces. */
  readonly first: readonly LayerDeductions[];
}

/** Reads two prompts or more. An operator that is a part of the model changes by exactly 0. @throws as `forward` */
export async function operatorState(
  model: PldrModel, prompts: readonly (readonly number[])[],
): Promise<OperatorState> {
  const read: (readonly LayerDeductions[])[] = [];
  for (const prompt of prompts) read.push((await readText(model, prompt)).layers);
  const [first] = read;
  return { change: wholeChanges(read), operators: summaryOf(layerFacts(first, model.config)), first };
}
