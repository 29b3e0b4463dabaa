import type { IntegerStorage, Node, QuantizeNode } from '../node.ts';
import type { Origin } from '../place.ts';
import { identity } from './common.ts';

/** Numbers rounded to the nearest integers, halves to even; what lies beyond the storage becomes its last. */
export function makeQuantize(x: Node, storage: IntegerStorage, origin: Origin): QuantizeNode {
  return Object.freeze<QuantizeNode>({
    kind: 'quantize', x, storage, axes: x.axes, dtype: 'f32', origin,
    ...identity('quantize', 'f32', x.axes, [storage], [x]),
  });
}
