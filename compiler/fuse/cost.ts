import { maxOf } from '../../dsl/axis.ts';
import { operands } from '../../dsl/graph.ts';
import type { MapNode, Node, Storage } from '../../dsl/node.ts';
import type { ScalarOp } from '../../dsl/scalar/expr.ts';
import { memoryEntries, STORED_BYTES } from '../program.ts';

/** Operations that cost a device several times an addition. */
const SLOW: ReadonlySet<string> = new Set(['exp', 'log', 'pow', 'sin', 'cos', 'tanh', 'sqrt', 'div']);

const opCost = (o: ScalarOp): number => (o.op === 'arg' || o.op === 'const' ? 0 : SLOW.has(o.op) ? 8 : 1);

export const mapCost = (node: MapNode): number => node.fn.ops.reduce((n, o) => n + opCost(o), 0);

/** Above this, computing a value again at every use costs more than a trip through memory. */
export const RECOMPUTE_LIMIT = 8;

/** What one entry costs when it is computed where it is used, down to the stored values. */
export function recomputeCost(node: Node, stored: { has(n: Node): boolean }): number {
  const seen = new Set<string>();
  const go = (n: Node, top: boolean): number => {
    if ((!top && stored.has(n)) || seen.has(n.key)) return 0;
    seen.add(n.key);
    const own = n.kind === 'map' ? mapCost(n)
      : n.kind === 'reduce' || n.kind === 'dot' || n.kind === 'scatterAdd' ? Infinity
      : 0;
    return operands(n).reduce((total, x) => total + go(x, false), own);
  };
  return go(node, true);
}

export const isHeavy = (n: Node): boolean => n.kind === 'reduce' || n.kind === 'dot' || n.kind === 'scatterAdd';

export const isLeaf = (n: Node): boolean => n.kind === 'input' || n.kind === 'parameter' || n.kind === 'table';

export const isView = (n: Node): boolean =>
  n.kind === 'rename' || n.kind === 'split' || n.kind === 'merge' || n.kind === 'slice'
  || n.kind === 'freeze' || n.kind === 'cache';

/** Entries of a value at the largest sizes. */
export const entriesOf = (n: Node): number => n.axes.reduce((total, a) => total * maxOf(a.size), 1);

/** How a value's entries are kept: f32 and i32 alike in four bytes, unless it says otherwise. */
export const storageOf = (n: Node): Storage => ('storage' in n ? n.storage : 'f32');

/** Bytes of a value in memory at the largest sizes, with what lies between its rows. */
export const bytesOf = (n: Node): number =>
  memoryEntries(n.axes.map((a) => maxOf(a.size))) * STORED_BYTES[storageOf(n)];

/** Entries that computing a value writes: of an appended state, only the new rows. */
export const writtenEntries = (n: Node): number => entriesOf(n.kind === 'append' ? n.x : n);
