import type { CpuMemory } from '../memory.ts';
import { ROW_MODULE } from './row-module.ts';

/** The functions of row.wat. Arrays are addresses, lengths and places in them bytes, 4 for each token. */
export type RowFunctions = {
  /** Copies logits, NaN as −∞. @returns 1 where all were finite, else 0 */
  readonly read: (from: number, to: number, bytes: number) => number;
  /** @returns the place of the first of the largest */
  readonly likeliest: (logits: number, bytes: number) => number;
  /** @returns the sum of the weights */
  readonly weigh: (
    logits: number, weights: number, bytes: number, heaviest: number, halvings: number, cutoff: number,
  ) => number;
  /** Puts the tokens that weigh anything into bins; counts and masses become those of each bin and all before it. */
  readonly rank: (
    logits: number, weights: number, bins: number, bytes: number,
    heaviest: number, binsPerLogit: number, lastBin: number, counts: number, masses: number,
  ) => void;
  /** Copies the logits of a bin. */
  readonly gather: (logits: number, bins: number, bytes: number, bin: number, to: number) => void;
  /** Sets the weights of all other tokens to 0. @returns the sum of those that are left */
  readonly keep: (
    logits: number, weights: number, bytes: number, lowest: number, ties: number, minimum: number,
  ) => number;
  /** @returns the place of the first token up to which more than the target lies */
  readonly draw: (weights: number, target: number) => number;
};

export async function openRowFunctions(memory: CpuMemory): Promise<RowFunctions> {
  const bytes = Uint8Array.from(atob(ROW_MODULE), (c) => c.charCodeAt(0));
  const { instance } = await WebAssembly.instantiate(bytes, { ricci: { memory: memory.wasm } });
  return instance.exports as RowFunctions;
}
