import { operands, topological } from '../graph.ts';
import type { Node } from '../node.ts';

/**
 * Keys of the values between the loss and what it is differentiated by: they change with `wrt`, as far as derivatives
 * tell (none of integers, and nothing through an index), and the loss changes with them.
 */
export function pathBetween(loss: Node, wrt: readonly Node[]): ReadonlySet<string> {
  const order = topological([loss]);
  const changing = new Set(wrt.map((x) => x.key));
  for (const node of order) {
    if (node.dtype === 'f32' && sources(node).some((x) => changing.has(x.key))) changing.add(node.key);
  }
  const path = new Set(changing.has(loss.key) ? [loss.key] : []);
  for (const node of [...order].reverse()) {
    if (!path.has(node.key)) continue;
    for (const x of sources(node)) if (changing.has(x.key)) path.add(x.key);
  }
  return path;
}

/** The operands whose numbers go into a value, where small changes of these change it. */
function sources(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'gather': case 'scatterAdd': return [node.x];
    case 'append': return [node.state, node.x];
    case 'stopGradient': return [];
    default: return operands(node);
  }
}
