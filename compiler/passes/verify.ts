import { showAxes } from '../../dsl/axis.ts';
import { RicciError } from '../../dsl/errors.ts';
import { operands, rebuild, topological } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';

/*
 * verify: graph → the same graph, or an error.
 * Invariant checked: every node is what its constructor makes of its operands, so that axes, sizes, types and keys agree.
 * Runs before the first pass, and between all passes in tests.
 */

/** @throws `compiler/inconsistent` naming the node and the user's line. */
export function verify(roots: readonly Node[], after = 'the user\'s program'): readonly Node[] {
  for (const node of topological(roots)) {
    const again = rebuild(node, operands(node));
    if (again.key === node.key && !hasCycleMark(node)) continue;
    throw new RicciError({
      code: 'compiler/inconsistent',
      message: `After ${after}, a ${node.kind} over ${showAxes(node.axes)} is not what its operands make (${showAxes(again.axes)}).`,
      hint: 'This is a fault of the compiler: please report it with the program.',
      place: node.origin.place,
    });
  }
  return roots;
}

/** States are written by staging; a user's program has none of its own. */
const hasCycleMark = (node: Node): boolean => node.kind === 'append' && node.state.kind !== 'input';
