import { relativeChange } from '../numbers.ts';
import { deduced, mapDeduced, type ByDeduced, type LayerDeductions } from './deductions.ts';

/** How far each layer's tensors moved, each relative to what it was: [layer]. */
export type Change = ByDeduced<readonly number[]>;

/** The change from one text's deductions to another's, all heads of a layer together. */
export const changeBetween = (from: readonly LayerDeductions[], to: readonly LayerDeductions[]): Change =>
  mapDeduced(from[0], (_, name) =>
    from.map((layer, l) => relativeChange(deduced(to[l], name), deduced(layer, name))));

/** The largest change of each layer over several, one or more. */
export const largestChange = (changes: readonly Change[]): Change =>
  mapDeduced(changes[0], (layers, name) => layers.map((_, l) => Math.max(...changes.map((c) => deduced(c, name)[l]))));

/** The largest change of any layer. */
export const worstOf = (change: Change): ByDeduced<number> => mapDeduced(change, (layers) => Math.max(...layers));
