import { without } from '../axis.ts';
import type { DotNode, Monoid, Node, ReduceNode } from '../node.ts';
import type { Origin } from '../place.ts';
import { identity, requireAxis, requireSameSize, unionAxes } from './common.ts';

export function makeReduce(monoid: Monoid, x: Node, over: string, origin: Origin): ReduceNode {
  const a = requireAxis(x, over, monoid, origin);
  const axes = without(x.axes, over);
  return Object.freeze<ReduceNode>({
    kind: 'reduce', monoid, x, over: a, axes, dtype: x.dtype, origin,
    ...identity('reduce', x.dtype, axes, [monoid, over], [x]),
  });
}

/** Σ over one shared axis of a product; axes that both operands have are batched. */
export function makeDot(a: Node, b: Node, over: string, origin: Origin, monoid: DotNode['monoid'] = 'sum'): DotNode {
  const axis = requireAxis(a, over, 'dot', origin);
  requireSameSize(axis, requireAxis(b, over, 'dot', origin), 'dot', origin);
  unionAxes([a, b], 'dot', origin);
  const left = without(a.axes, over);
  const axes = [...left, ...without(b.axes, over, ...left.map((x) => x.name))];
  return Object.freeze<DotNode>({
    kind: 'dot', a, b, over: axis, monoid, axes, dtype: 'f32', origin,
    ...identity('dot', 'f32', axes, [over, monoid], [a, b]),
  });
}
