import type { Axis } from '../axis.ts';
import type { AppendNode, CacheNode, FreezeNode, Node } from '../node.ts';
import type { Origin } from '../place.ts';
import { identity, refuseAxis, requireAxis, requireSameSize } from './common.ts';

export function makeFreeze(x: Node, label: string, origin: Origin): FreezeNode {
  return Object.freeze<FreezeNode>({
    kind: 'freeze', x, label, axes: x.axes, dtype: x.dtype, origin,
    ...identity('freeze', x.dtype, x.axes, [label], [x]),
  });
}

export function makeCache(x: Node, fromName: string, to: Axis, label: string, origin: Origin): CacheNode {
  const from = requireAxis(x, fromName, 'cache', origin);
  refuseAxis(x, to.name, 'cache', origin);
  requireSameSize(from, to, 'cache', origin);
  const axes = x.axes.map((a) => (a.name === fromName ? to : a));
  return Object.freeze<CacheNode>({
    kind: 'cache', x, from, to, label, axes, dtype: x.dtype, origin,
    ...identity('cache', x.dtype, axes, [label, fromName], [x]),
  });
}

/** The state with new rows written into it; `at` is the index of the first new row (0 when undefined). */
export function makeAppend(
  state: Node,
  x: Node,
  at: Node | undefined,
  fromName: string,
  to: string,
  origin: Origin,
): AppendNode {
  const from = requireAxis(x, fromName, 'append', origin);
  const grown = requireAxis(state, to, 'append', origin);
  return Object.freeze<AppendNode>({
    kind: 'append', state, x, at, from, to: grown, axes: state.axes, dtype: state.dtype, origin,
    ...identity('append', state.dtype, state.axes, [fromName, to], at === undefined ? [state, x] : [state, x, at]),
  });
}
