import { axisNamed, without, type Axis } from '../../axis.ts';
import type { GatherNode, Node, ScatterAddNode } from '../../node.ts';
import { makeGather, makeScatterAdd } from '../../nodes/indexing.ts';
import { makeIota } from '../../nodes/leaves.ts';
import { makeMap } from '../../nodes/pointwise.ts';
import type { Origin } from '../../place.ts';
import { traced, type Scalar } from '../../scalar/traced.ts';
import { applied } from '../apply.ts';
import { mergeAxes, sizeOf, sumOver, sumTo } from '../contract.ts';
import type { Contribution } from '../contribution.ts';
import { expand } from '../expand.ts';

/** y = x at index: what was read at each place is added up there. Indices beyond the axis read its ends. */
export function gatherRule(node: GatherNode, g: Node): readonly Contribution[] {
  const { x: to, axis, index, origin } = node;
  if (index.kind === 'constant' && typeof axis.size === 'number') {
    const start = Math.min(Math.max(index.value, 0), axis.size - 1);
    return [{ to, value: g, part: { axis, start, extent: 1 } }];
  }
  const at = clamped(index, axis);
  const brought = without(index.axes, ...to.axes.map((a) => a.name));
  return [{ to, value: brought.length > 0 ? scattered(node, g, at, brought) : placed(g, axis, at, origin) }];
}

/** The index as gather understands it. */
function clamped(index: Node, axis: Axis): Node {
  const { origin } = index;
  const clamp = traced(2, (i, n) => i.max(0).min(n.sub(1)));
  if (typeof axis.size !== 'number') return makeMap(clamp.expr, [index, sizeOf(axis, origin)], 'i32', origin);
  const last = axis.size - 1;
  return makeMap(traced(1, (i) => i.max(0).min(last)).expr, [index], 'i32', origin);
}

/** Σ over the axes that the index brought, as one range where their sizes are numbers. */
function scattered({ axis, origin }: GatherNode, g: Node, index: Node, brought: readonly Axis[]): Node {
  const { values: [at, value], over } = mergeAxes([index, expand(g, brought, origin)], brought, origin);
  const last = over.at(-1);
  if (last === undefined) return placed(value, axis, at, origin);
  return sumOver(makeScatterAdd(value, at, last.name, axis, origin), over.slice(0, -1), origin);
}

/** Zeros along an axis, but for the value at its index. */
const placed = (value: Node, axis: Axis, index: Node, origin: Origin): Node =>
  applied([makeIota(axis, origin), index, value], (i, j, v) => i.eq(j).select(v, 0), origin);

/** y = Σ x where the index is the place: each x has the adjoint of its place, and none where that lies outside. */
export function scatterAddRule(node: ScatterAddNode, g: Node): readonly Contribution[] {
  const { x, index, to, origin } = node;
  const read = axisNamed(g.axes, to.name) === undefined ? g : makeGather(g, to.name, index, origin);
  const isInside = (i: Scalar, v: Scalar, n: Scalar): Scalar => i.ge(0).and(i.lt(n)).select(v, 0);
  const value = applied([index, read, sizeOf(to, origin)], isInside, origin);
  const axes = [...x.axes, ...without(index.axes, ...x.axes.map((a) => a.name))];
  return [{ to: x, value: sumTo(value, axes, x.axes, origin) }];
}
