import { randomUniform } from '../../compiler/interpret/random.ts';
import type { PldrConfig, PldrModel } from '../../models/pldr/index.ts';
import { lossOf } from '../numbers.ts';
import { deduces, follow, frozenAt, logitsOfText } from '../texts.ts';

/** What a model makes of a text under one operator. */
export interface Replacement {
  readonly name: string;
  /** Greedy tokens after the prompt. */
  readonly ids: readonly number[];
  /** −mean log p of the text's tokens but the first, in nats, and e to its power. */
  readonly loss: number;
  readonly perplexity: number;
}

/**
 * Replaces an operator: with the prompt's, the one that the text itself makes, the identity (NAB1 of the paper)
 * and random numbers from 0 to 1 (NAB2, whose published tensors are uniform, whatever their names say). An operator that no text moves is what it is.
 * @param text token ids whose perplexity is taken, two or more; @throws as `forward`
 */
export async function replaced(
  model: PldrModel, prompt: readonly number[], text: readonly number[], steps: number,
): Promise<readonly Replacement[]> {
  const { config } = model;
  const operators: readonly Own[] = [
    ...await ownOperators(model, prompt),
    ['the identity', { G: filled(config, (r, c) => (r === c ? 1 : 0)) }, {}],
    ['random', { G: filled(config, (_r, _c, i) => randomUniform(SEED, i)) }, {}],
  ];
  const results: Replacement[] = [];
  for (const [name, operator, cache] of operators) {
    const { ids } = await follow(model, prompt, steps, { ...operator, ...cache });
    const loss = lossOf(await logitsOfText(model, text, operator), text);
    results.push({ name, ids, loss, perplexity: Math.exp(loss) });
  }
  return results;
}

/** A name, G where it is not the model's, and what is kept of it. */
type Own = readonly [string, { readonly G?: Float32Array }, { readonly cache?: 'none' }];

const ownOperators = async (model: PldrModel, prompt: readonly number[]): Promise<readonly Own[]> => (deduces(model)
  ? [['the prompt’s', await frozenAt(model, prompt), {}], ['the text’s own', {}, { cache: 'none' }]]
  : [['the model’s', {}, {}]]);

const SEED = 1;

/** An operator for every layer and head: [layer, head, row, col]. */
function filled(
  { layers, heads, headDim: d }: PldrConfig, entry: (row: number, column: number, index: number) => number,
): Float32Array {
  return Float32Array.from({ length: layers * heads * d * d }, (_, i) => entry(Math.floor(i / d) % d, i % d, i));
}
