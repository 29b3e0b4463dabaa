import { RicciError } from '../errors.ts';
import type { DType, MapNode, Node } from '../node.ts';
import type { Origin } from '../place.ts';
import type { ScalarExpr } from '../scalar/expr.ts';
import { identity, unionAxes } from './common.ts';

/** A scalar function over tensors, broadcast by axis name; `code` is the function as text. */
export function makeMap(
  fn: ScalarExpr, args: readonly Node[], dtype: DType, origin: Origin, code = JSON.stringify(fn),
): MapNode {
  if (args.length !== fn.arity) {
    throw new RicciError({
      code: 'dsl/arity',
      message: `map: the scalar function takes ${fn.arity} arguments, and ${args.length} were given.`,
      hint: 'Give one tensor or number for each argument.',
      place: origin.place,
    });
  }
  const axes = unionAxes(args, 'map', origin);
  const { operation, key } = identity('map', dtype, axes, [code], args);
  return Object.freeze<MapNode>({ kind: 'map', fn, code, args, axes, dtype, origin, operation, key });
}
