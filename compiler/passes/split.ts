import { rewrite } from '../../dsl/graph.ts';
import type { Node, ParameterNode } from '../../dsl/node.ts';
import { makeParameter } from '../../dsl/nodes/leaves.ts';
import { makeConcat } from '../../dsl/nodes/views.ts';
import { bytesOf } from '../fuse/cost.ts';

/*
 * split: graph → graph in which no weight is larger than one binding may be.
 * A weight that is too large becomes the concatenation of parts along its first axis, which is index arithmetic for
 * those who read it; a loader fills each part from its own rows.
 */

/** A weight, or some rows of one. */
export interface WeightRows {
  readonly name: string;
  /** First row of the part along the weight's first axis, and how many; undefined for a whole weight. */
  readonly rows: { readonly start: number; readonly count: number } | undefined;
}

const partName = (name: string, start: number, count: number): string => `${name}[${start}+${count}]`;

/** Reads the name of a parameter of a compiled program. */
export function weightRows(parameter: string): WeightRows {
  const match = /^(.*)\[(\d+)\+(\d+)\]$/.exec(parameter);
  if (match === null) return { name: parameter, rows: undefined };
  return { name: match[1], rows: { start: Number(match[2]), count: Number(match[3]) } };
}

export function splitWeights(roots: readonly Node[], maxBytes: number): readonly Node[] {
  return rewrite(roots, (node) =>
    (node.kind === 'parameter' && bytesOf(node) > maxBytes ? parts(node, maxBytes) : node));
}

function parts(node: ParameterNode, maxBytes: number): Node {
  const [first, ...rest] = node.axes;
  const rows = Number(first.size);
  const rowBytes = bytesOf(node) / rows;
  // Whole groups of 64 rows keep blocks of results from straddling two parts.
  const fitting = Math.max(1, Math.floor(maxBytes / rowBytes));
  const step = fitting > 64 ? fitting - (fitting % 64) : fitting;
  const xs: Node[] = [];
  for (let start = 0; start < rows; start += step) {
    const count = Math.min(step, rows - start);
    xs.push(makeParameter(
      partName(node.name, start, count), [{ ...first, size: count }, ...rest], node.dtype, node.origin, node.storage,
    ));
  }
  return xs.length === 1 ? node : makeConcat(xs, first.name, node.origin);
}
