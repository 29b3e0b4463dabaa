import { memoryEntries, memoryStrides } from '../../compiler/program.ts';
import { walk, type Dense, type Sizes } from '../../compiler/interpret/dense.ts';
import { storageOf } from '../../compiler/fuse/cost.ts';
import { maxOf } from '../../dsl/axis.ts';
import type { Node } from '../../dsl/node.ts';

type Entries = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Int16Array<ArrayBuffer>;

/** A value as it lies in a device's memory: laid out for the largest sizes, whichever sizes it has. */
export function imageOf(node: Node, dense: Dense): Uint32Array<ArrayBuffer> {
  const most = node.axes.map((a) => maxOf(a.size));
  const image = emptyImage(node, memoryEntries(most));
  walk(dense.sizes, [memoryStrides(most)], ([at], linear) => { image[at] = dense.data[linear]; });
  return new Uint32Array(image.buffer);
}

/** The entries of a value in a device's memory, as the interpreter has them. */
export function denseOf(node: Node, bytes: ArrayBuffer, sizes: Sizes): Dense {
  const most = node.axes.map((a) => maxOf(a.size));
  const image = imageIn(node, bytes);
  const own = node.axes.map((a) => (typeof a.size === 'number' ? a.size : sizes[a.size.symbol]));
  const data = new Float64Array(own.reduce((n, s) => n * s, 1));
  walk(own, [memoryStrides(most)], ([at], linear) => { data[linear] = image[at]; });
  return { names: node.axes.map((a) => a.name), sizes: own, data };
}

/** Devices copy whole words. */
const emptyImage = (node: Node, entries: number): Entries => imageIn(node, new ArrayBuffer(
  storageOf(node) === 'int16' ? 4 * Math.ceil(entries / 2) : 4 * entries,
));

function imageIn(node: Node, bytes: ArrayBuffer): Entries {
  if (storageOf(node) === 'int16') return new Int16Array(bytes);
  return node.dtype === 'i32' ? new Int32Array(bytes) : new Float32Array(bytes);
}
