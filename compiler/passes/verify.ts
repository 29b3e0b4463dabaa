import { showAxes } from '../../dsl/axis.ts';
import { RicciError } from '../../dsl/errors.ts';
import { operands, rebuild, topological } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';

/*
 * verify: graph → the same graph, or an error.
 * Invariant checked: every node is what its constructor makes of its operands, so that axes, sizes, types and keys
 * agree.
 * Runs before the first pass, and between all passes in tests.
 */

/**
 * @throws `compiler/inconsistent` naming the node and the user's line; `compiler/name-twice` for two different inputs,
 * or two different parameters, of one name.
 */
export function verify(roots: readonly Node[], after = 'the user\'s program'): readonly Node[] {
  checkNames(roots);
  for (const node of topological(roots)) {
    const again = rebuild(node, operands(node));
    if (agrees(node, again) && !hasCycleMark(node)) continue;
    throw new RicciError({
      code: 'compiler/inconsistent',
      message: `After ${after}, a ${node.kind} over ${showAxes(node.axes)} is not what its operands make: ${
        showAxes(again.axes)}.`,
      hint: 'This is a fault of the compiler: please report it with the program.',
      place: node.origin.place,
    });
  }
  return roots;
}

/** The key alone is a promise: axes and type are compared too. */
const agrees = (node: Node, again: Node): boolean =>
  again.key === node.key && again.dtype === node.dtype && showAxes(again.axes) === showAxes(node.axes);

/** States are written by staging; a user's program has none of its own. */
const hasCycleMark = (node: Node): boolean => node.kind === 'append' && node.state.kind !== 'input';

/** What is given by name must be one thing. */
function checkNames(roots: readonly Node[]): void {
  const named = new Map<string, Node>();
  for (const node of topological(roots)) {
    if (node.kind !== 'input' && node.kind !== 'parameter') continue;
    const other = named.get(`${node.kind} ${node.name}`);
    if (other !== undefined) {
      throw new RicciError({
        code: 'compiler/name-twice',
        message: `Two different ${node.kind}s are called "${node.name}": ${showAxes(other.axes)} and ${
          showAxes(node.axes)}.`,
        hint: 'Give each a name of its own, or declare it once and use it twice.',
        place: node.origin.place,
      });
    }
    named.set(`${node.kind} ${node.name}`, node);
  }
}
