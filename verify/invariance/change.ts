import { relativeChange } from '../numbers.ts';
import { DEDUCED, type DeducedName, type LayerDeductions } from './deductions.ts';

/** How far each layer's tensors moved, each relative to what it was: [layer]. */
export type Change = Readonly<Record<DeducedName, readonly number[]>>;

/** The change from one text's deductions to another's, all heads of a layer together. */
export function changeBetween(from: readonly LayerDeductions[], to: readonly LayerDeductions[]): Change {
  const of = (name: DeducedName): readonly number[] => from.map((layer, l) => relativeChange(to[l][name], layer[name]));
  return { A: of('A'), A_LM: of('A_LM'), A_P: of('A_P'), G_LM: of('G_LM') };
}

/** The largest change of each layer over several. */
export function largestChange(changes: readonly Change[]): Change {
  const of = (name: DeducedName): readonly number[] =>
    (changes[0]?.[name] ?? []).map((_, l) => Math.max(...changes.map((c) => c[name][l])));
  return { A: of('A'), A_LM: of('A_LM'), A_P: of('A_P'), G_LM: of('G_LM') };
}

/** The largest change of any layer. */
export const worstOf = (change: Change): Readonly<Record<DeducedName, number>> => {
  const [A, A_LM, A_P, G_LM] = DEDUCED.map((name) => Math.max(...change[name]));
  return { A, A_LM, A_P, G_LM };
};
