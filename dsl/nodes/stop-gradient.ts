import type { Node, StopGradientNode } from '../node.ts';
import type { Origin } from '../place.ts';
import { identity } from './common.ts';

export function makeStopGradient(x: Node, origin: Origin): StopGradientNode {
  return Object.freeze<StopGradientNode>({
    kind: 'stopGradient', x, axes: x.axes, dtype: x.dtype, origin,
    ...identity('stopGradient', x.dtype, x.axes, [], [x]),
  });
}
