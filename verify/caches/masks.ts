import { axisNamed } from '../../dsl/axis.ts';
import { operands, topological } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';

/** The axes of a value whose sizes programs receive, but for that of positions: those along which it may look back. */
export const lookedAlong = (node: Node, pos: string): readonly string[] =>
  node.axes.filter((a) => typeof a.size !== 'number' && a.name !== pos).map((a) => a.name);

/**
 * Keys of all values that may hide positions: those that have an axis to look along and are made of its places (a mask,
 * and what is masked), totals along it, and what the places are compared with.
 */
export function hidingParts(root: Node, pos: string): ReadonlySet<string> {
  const masks = masksOf(root, pos);
  const parts = new Set(masks);
  for (const node of topological([root])) {
    const xs = operands(node);
    if (node.kind === 'reduce' && masks.has(node.x.key)) parts.add(node.key);
    const isComparison = axisNamed(node.axes, pos) !== undefined
      && xs.some((x) => masks.has(x.key) && axisNamed(x.axes, pos) === undefined);
    if (isComparison) topological(xs).forEach((x) => parts.add(x.key));
  }
  return parts;
}

function masksOf(root: Node, pos: string): ReadonlySet<string> {
  const masks = new Set<string>();
  for (const node of topological([root])) {
    const along = lookedAlong(node, pos);
    const isMask = node.kind === 'iota' ? along.length > 0 : operands(node).some((x) => masks.has(x.key)
      && lookedAlong(x, pos).some((name) => along.includes(name)));
    if (isMask) masks.add(node.key);
  }
  return masks;
}
