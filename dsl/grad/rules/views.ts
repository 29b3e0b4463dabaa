import { axisNamed, type Axis } from '../../axis.ts';
import type {
  CacheNode, ConcatNode, MergeNode, Node, PadNode, RenameNode, SliceNode, SplitNode,
} from '../../node.ts';
import { makeConstant } from '../../nodes/leaves.ts';
import { makeGather } from '../../nodes/indexing.ts';
import { extentAlong, makeMerge, makeRename, makeSlice, makeSplit } from '../../nodes/views.ts';
import type { Contribution } from '../contribution.ts';
import { expand } from '../expand.ts';

type View = RenameNode | CacheNode | SplitNode | MergeNode | SliceNode | PadNode;

/** Views move adjoints back to where they took the values from. */
export function viewRule(node: View, g: Node): readonly Contribution[] {
  if (node.kind === 'slice') {
    return [{ to: node.x, value: g, part: { axis: ownAxis(node), start: node.start, extent: Number(node.axis.size) } }];
  }
  return [{ to: node.x, value: viewAdjoint(node, g) }];
}

function viewAdjoint(node: Exclude<View, SliceNode>, g: Node): Node {
  const has = (a: Axis): boolean => axisNamed(g.axes, a.name) !== undefined;
  const { origin } = node;
  switch (node.kind) {
    case 'rename': case 'cache': return has(node.to) ? makeRename(g, node.to.name, node.from, origin) : g;
    case 'merge': return has(node.to) ? makeSplit(g, node.to.name, node.outer, node.inner, origin) : g;
    case 'split': {
      if (!has(node.outer) && !has(node.inner)) return g;
      const whole = expand(g, [node.outer, node.inner], origin);
      return makeMerge(whole, node.outer.name, node.inner.name, node.from, origin);
    }
    case 'pad': {
      return has(node.axis) ? makeSlice(g, node.axis.name, node.before, Number(ownAxis(node).size), origin) : g;
    }
  }
}

/** The operand's own axis of that name. */
const ownAxis = (node: SliceNode | PadNode): Axis => axisNamed(node.x.axes, node.axis.name) ?? node.axis;

/** Each operand's adjoint is its stretch of the whole one. */
export function concatRule(node: ConcatNode, g: Node, wanted: (x: Node) => boolean): readonly Contribution[] {
  const extents = node.xs.map((x) => extentAlong(x, node.axis.name, node.origin));
  return node.xs.flatMap((to, i) => {
    const start = extents.slice(0, i).reduce((n, e) => n + e, 0);
    return wanted(to) ? [{ to, value: stretch(node, g, to, start, extents[i]) }] : [];
  });
}

function stretch({ axis, origin }: ConcatNode, g: Node, to: Node, start: number, extent: number): Node {
  if (axisNamed(g.axes, axis.name) === undefined) return g;
  return axisNamed(to.axes, axis.name) === undefined
    ? makeGather(g, axis.name, makeConstant(start, 'i32', origin), origin)
    : makeSlice(g, axis.name, start, extent, origin);
}
