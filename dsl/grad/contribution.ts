import type { Axis } from '../axis.ts';
import type { Node } from '../node.ts';

/**
 * What one use of a value adds to the value's adjoint. `value` is over some of the axes of `to`, and constant along the
 * others.
 */
export interface Contribution {
  readonly to: Node;
  readonly value: Node;
  /** Where the use was of some entries along one axis: which; elsewhere it adds nothing. */
  readonly part?: Part;
}

/** Entries along an axis. A value that lacks the axis stands for one entry, or is constant along these. */
export interface Part {
  readonly axis: Axis;
  readonly start: number;
  readonly extent: number;
}
