import type { Storage } from '../../../dsl/node.ts';
import type { Type } from '../../expr/expr.ts';
import type { LocalArray } from '../../loop/ir.ts';

/** Where a kernel finds a value: a WGSL variable, and the value's first entry in it. */
export interface Slot {
  readonly variable: string;
  readonly offset: number;
  /** Words of four bytes in an element of the variable's array: above 1, it is an array of vectors. */
  readonly width: Width;
  readonly type: Type;
  /** How the value's entries lie in the words. */
  readonly storage: Storage;
  /** Whether the array holds bits (u32), because some value in it is not kept as f32. */
  readonly bits: boolean;
  /** Of an array that lanes keep in registers: how many entries each has side by side. */
  readonly dealt?: 1 | 4;
}

export type Width = 1 | 2 | 4;

/** A slot of an array that a kernel keeps for itself. */
export const localSlot = (variable: string, { type, dealt, fours }: Omit<LocalArray, 'name' | 'size'>): Slot => ({
  variable, offset: 0, width: fours === true ? 4 : 1, type, storage: 'f32', bits: false, ...(dealt === undefined ? {} : { dealt }),
});

export type Slots = ReadonlyMap<string, Slot>;
