import { topological, users } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';

/**
 * For every value, the one value through which all its uses flow (its immediate post-dominator), or undefined when its
 * uses leave the graph apart. An epilogue may be fused up to there: beyond it nothing else needs the value.
 */
export function postDominators(roots: readonly Node[]): ReadonlyMap<string, Node> {
  const order = [...topological(roots)].reverse();
  const usedBy = users(roots);
  const outputs = new Set(roots.map((r) => r.key));
  const next = new Map<string, Node>();
  const depth = new Map<string, number>();
  for (const node of order) {
    const meet = outputs.has(node.key) ? undefined : meetAll(usedBy.get(node.key) ?? [], next, depth);
    if (meet !== undefined) next.set(node.key, meet);
    depth.set(node.key, meet === undefined ? 1 : (depth.get(meet.key) ?? 0) + 1);
  }
  return next;
}

function meetAll(
  nodes: readonly Node[],
  next: ReadonlyMap<string, Node>,
  depth: ReadonlyMap<string, number>,
): Node | undefined {
  let meet: Node | undefined = nodes[0];
  for (const other of nodes.slice(1)) meet = meet === undefined ? undefined : nearest(meet, other, next, depth);
  return meet;
}

/** The nearest common value on two chains; both chains end outside the graph. */
function nearest(
  a: Node,
  b: Node,
  next: ReadonlyMap<string, Node>,
  depth: ReadonlyMap<string, number>,
): Node | undefined {
  let x: Node | undefined = a;
  let y: Node | undefined = b;
  while (x !== undefined && y !== undefined && x.key !== y.key) {
    const [dx, dy] = [depth.get(x.key) ?? 0, depth.get(y.key) ?? 0];
    if (dx >= dy) x = next.get(x.key);
    if (dy >= dx) y = next.get(y.key);
  }
  return x === undefined || y === undefined ? undefined : x;
}
