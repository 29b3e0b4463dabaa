import { relativeChange } from '../numbers.ts';
import { deduced, mapDeduced, type ByDeduced, type LayerDeductions } from './deductions.ts';

/** The least and the most of several numbers. */
export interface Extent {
  readonly least: number;
  readonly most: number;
}

export const extentOf = (xs: readonly number[]): Extent => ({ least: Math.min(...xs), most: Math.max(...xs) });

/** How far each tensor of a model lies from what it was, relative to that, with all layers together. */
export const wholeChange = (
  from: readonly LayerDeductions[], to: readonly LayerDeductions[],
): ByDeduced<number> => mapDeduced(from[0], (_, name) => relativeChange(whole(to, name), whole(from, name)));

/** The same over all ordered pairs of two texts or more. */
export function wholeChanges(read: readonly (readonly LayerDeductions[])[]): ByDeduced<Extent> {
  const changes = read.flatMap((from) => read.filter((to) => to !== from).map((to) => wholeChange(from, to)));
  return mapDeduced(changes[0], (_, name) => extentOf(changes.map((change) => deduced(change, name))));
}

/** One tensor of all layers, one after the other. */
const whole = (layers: readonly LayerDeductions[], name: keyof LayerDeductions): Float32Array =>
  Float32Array.from(layers.flatMap((layer) => [...deduced(layer, name)]));
