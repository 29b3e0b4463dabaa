import type { Node, QuantizeNode, RoundedStorage } from '../node.ts';
import type { Origin } from '../place.ts';
import { identity } from './common.ts';

/**
 * Numbers rounded to the nearest that a storage holds, of two the even one. What lies beyond integers becomes the last
 * of them, what lies beyond f16 infinite.
 */
export function makeQuantize(x: Node, storage: RoundedStorage, origin: Origin): QuantizeNode {
  return Object.freeze<QuantizeNode>({
    kind: 'quantize', x, storage, axes: x.axes, dtype: 'f32', origin,
    ...identity('quantize', 'f32', x.axes, [storage], [x]),
  });
}
