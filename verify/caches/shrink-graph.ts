import { topological } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';
import { withSimpler, withSmallerAxes } from './candidates.ts';
import { hidingParts } from './masks.ts';

export interface ShrinkOptions {
  /** The name of the axis of positions, which the result keeps. */
  readonly pos: string;
  /** Most graphs that are tried; 400 where nothing is said. */
  readonly tries?: number;
}

/**
 * A graph as small as it could be made that still fails: single values give way to a number, to an input, or to one of
 * the values that they are made of, and axes to axes of one or two entries, as long as `fails` holds. It ends where no
 * single one of these helps, or when the tries are used up.
 */
export function shrinkGraph(root: Node, fails: (root: Node) => boolean, { pos, tries = 400 }: ShrinkOptions): Node {
  let [best, left] = [root, tries];
  const firstOf = (smaller: Iterable<Node>): boolean => {
    for (const one of smaller) {
      if (left-- <= 0) return false;
      if (!fails(one)) continue;
      best = one;
      return true;
    }
    return false;
  };
  for (let isSmaller = true; isSmaller && left > 0;) {
    isSmaller = false;
    while (firstOf(withSmallerAxes(best))) isSmaller = true;
    // From the result down: what is cut off near it need not be looked at.
    for (let i = 0; i < topological([best]).length;) {
      const node = topological([best]).toReversed()[i];
      const stays = hidingParts(best, pos).has(node.key);
      if (!stays && firstOf(withSimpler(best, node, pos))) isSmaller = true;
      else i++;
    }
  }
  return best;
}
