import type { Axis } from './axis.ts';
import type { Node } from './node.ts';

/** Any tensor, whatever its axes. */
export interface AnyTensor {
  readonly node: Node;
}

/**
 * A tensor over a set of named axes, in no order: `Tensor<'batch' | 'pos'>`. The type is invariant in its axes: a
 * tensor over fewer axes is not a tensor over more until it is broadcast.
 */
export interface Tensor<A extends string> extends AnyTensor {
  /** Exists in types only. */
  readonly axesType?: (axes: A) => A;
}

/** The union of the axes' names of a tensor type; `never` for numbers. */
export type AxesOf<T> = T extends Tensor<infer A> ? A : never;

/** What an operation takes where it broadcasts: a tensor or a plain number. */
export type Operand = AnyTensor | number;

/**
 * Demands that `X` is among the axes `A`; otherwise the argument's type becomes a sentence that says what is missing.
 */
export type Has<A extends string, X extends string> = [X] extends [A]
  ? unknown
  : { readonly 'axis is missing from this operand': Exclude<X, A> };

/** Demands that none of `X` is among the axes `A`. */
export type Lacks<A extends string, X extends string> = [X & A] extends [never]
  ? unknown
  : { readonly 'axis is already in this operand': X & A };

export function tensorOf<A extends string>(node: Node): Tensor<A> {
  return Object.freeze({ node });
}

/** The axes of a tensor, as declared. */
export const axesOf = (x: AnyTensor): readonly Axis[] => x.node.axes;
