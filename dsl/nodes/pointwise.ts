import { RicciError } from '../errors.ts';
import type { DType, MapNode, Node } from '../node.ts';
import type { Origin } from '../place.ts';
import type { ScalarExpr } from '../scalar/expr.ts';
import { keyOf, unionAxes } from './common.ts';

/** A scalar function over tensors, broadcast by axis name. */
export function makeMap(fn: ScalarExpr, args: readonly Node[], dtype: DType, origin: Origin): MapNode {
  if (args.length !== fn.arity) {
    throw new RicciError({
      code: 'dsl/arity',
      message: `map: the scalar function takes ${fn.arity} arguments, and ${args.length} were given.`,
      hint: 'Give one tensor or number for each argument.',
      place: origin.place,
    });
  }
  const axes = unionAxes(args, 'map', origin);
  const key = keyOf('map', dtype, axes, [JSON.stringify(fn), ...args.map((a) => a.key)]);
  return Object.freeze<MapNode>({ kind: 'map', fn, args, axes, dtype, origin, key });
}
