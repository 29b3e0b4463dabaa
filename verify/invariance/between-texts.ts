import type { PldrModel } from '../../models/pldr/index.ts';
import { changeBetween, largestChange, type Change } from './change.ts';
import { readText } from './deductions.ts';
import { wholeChanges, type Extent } from './whole-change.ts';

/** How far what a model deduces moves from text to text. */
export interface BetweenTexts {
  /** The relative change of G, all layers together: the least and the most over all ordered pairs of prompts. */
  readonly G: Extent;
  /** The largest change between two of the prompts, over all ordered pairs. */
  readonly prompts: Change;
  /** Where the last quarter of each prompt, at least one token, is exchanged for the next prompt's beginning. */
  readonly suffixes: Change;
  /** From each prompt to the empty one, which is one end token; undefined where the model has no such token. */
  readonly empty: Change | undefined;
}

/** Compares what a model deduces from two texts or more. @throws as `forward` */
export async function betweenTexts(model: PldrModel, prompts: readonly (readonly number[])[]): Promise<BetweenTexts> {
  const layersOf = async (ids: readonly number[]) => (await readText(model, ids)).layers;
  const read: Awaited<ReturnType<typeof layersOf>>[] = [];
  const suffixes: Change[] = [];
  for (const [i, prompt] of prompts.entries()) {
    const own = await layersOf(prompt);
    read.push(own);
    suffixes.push(changeBetween(own, await layersOf(withSuffix(prompt, prompts[(i + 1) % prompts.length]))));
  }
  const pairs = read.flatMap((from) => read.filter((to) => to !== from).map((to) => [from, to] as const));
  const { eosId } = model.config;
  const end = eosId === null ? undefined : await layersOf([eosId]);
  return {
    G: wholeChanges(read).G_LM,
    prompts: largestChange(pairs.map(([from, to]) => changeBetween(from, to))),
    suffixes: largestChange(suffixes),
    empty: end === undefined ? undefined : largestChange(read.map((from) => changeBetween(from, end))),
  };
}

/** A text whose last quarter is another's beginning. */
function withSuffix(text: readonly number[], other: readonly number[]): readonly number[] {
  const exchanged = Math.max(1, Math.floor(text.length / 4));
  return [...text.slice(0, -exchanged), ...other.slice(0, exchanged)];
}
