import { input, type Tensor } from '../../dsl/index.ts';
import type { Axes } from './axes.ts';

/**
 * What a PLDR-LLM is given with its tokens. Padding is said here, in numbers, so that one graph serves every
 * convention.
 */
export interface Inputs {
  readonly ids: Tensor<'batch' | 'pos'>;
  /** Position for the rotation. */
  readonly position: Tensor<'batch' | 'pos'>;
  /** 1 where the position counts in the density QᵀQ. */
  readonly present: Tensor<'batch' | 'pos'>;
  /** 1 where the key may be looked at. */
  readonly visible: Tensor<'batch' | 'key'>;
  /** 1 where attention's result is used; 0 makes it zero. */
  readonly attends: Tensor<'batch' | 'pos'>;
}

export function inputsFor({ Batch, Pos, Key }: Axes): Inputs {
  return {
    ids: input('ids', [Batch, Pos], 'i32'),
    position: input('position', [Batch, Pos], 'i32'),
    present: input('present', [Batch, Pos]),
    visible: input('visible', [Batch, Key]),
    attends: input('attends', [Batch, Pos]),
  };
}
