import type { FormedPiece } from './kind.ts';
import { rangeRuns, vectorDim } from './strides.ts';

/** How many times longer a contraction takes that no vectors run along. */
const SCALAR = 4;

/**
 * How many times longer a piece takes where it is computed in vectors of four, because nothing that it reads lies side by
 * side: neither along the range of its sums nor along a dimension of its result.
 */
export function slownessInVectors({ form, domain, stores }: FormedPiece): number {
  if (form.kind !== 'contract' || form.reductions.every((r) => rangeRuns([r.body], r))) return 1;
  const column = vectorDim(domain, stores);
  return column !== undefined && form.reductions.some((r) => r.free.has(column.v.name)) ? 1 : SCALAR;
}
