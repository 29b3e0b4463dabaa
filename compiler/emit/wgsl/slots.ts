import type { Type } from '../../expr/expr.ts';

/** Where a kernel finds a value: a WGSL variable, and the value's first element in it. */
export interface Slot {
  readonly variable: string;
  readonly offset: number;
  /** 4: the variable is an array of vec4, and elements are components. */
  readonly width: 1 | 4;
  readonly type: Type;
}

export type Slots = ReadonlyMap<string, Slot>;
