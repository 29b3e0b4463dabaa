import { maxOf } from '../../dsl/axis.ts';
import type { Node, TableNode } from '../../dsl/node.ts';
import { bytesOf } from '../fuse/cost.ts';
import { walk } from '../interpret/dense.ts';
import { memoryEntries, memoryStrides, type ConstantBlock } from '../program.ts';
import { aligned } from './arena.ts';

/** Where the tables of a program lie, and what they hold. */
export function placeConstants(nodes: ReadonlyMap<string, Node>): {
  blocks: readonly ConstantBlock[];
  offsets: ReadonlyMap<string, number>;
  bytes: number;
} {
  const tables = [...nodes.values()].filter((n): n is TableNode => n.kind === 'table');
  const offsets = new Map<string, number>();
  let bytes = 0;
  const blocks = tables.map((t): ConstantBlock => {
    offsets.set(t.key, bytes);
    const block: ConstantBlock = { offset: bytes, words: bitsOf(t) };
    bytes += aligned(bytesOf(t));
    return block;
  });
  return { blocks, offsets, bytes };
}

function bitsOf({ dtype, data, axes }: TableNode): readonly number[] {
  const sizes = axes.map((a) => maxOf(a.size));
  const image = new Float64Array(memoryEntries(sizes));
  walk(sizes, [memoryStrides(sizes)], ([at], linear) => { image[at] = data[linear]; });
  const typed = dtype === 'i32' ? Int32Array.from(image) : Float32Array.from(image);
  return [...new Uint32Array(typed.buffer)];
}
