import type { Node } from '../dsl/node.ts';
import { childrenOf, type Expr } from './expr/expr.ts';
import { upper } from './expr/int.ts';
import { bytesOf, storageOf } from './fuse/cost.ts';
import type { FormedPiece } from './fuse/fuse.ts';
import type { Draft } from './fuse/siblings.ts';
import { workOf } from './fuse/work.ts';
import { STORED_BYTES, type KernelCost } from './program.ts';

/** Floating-point operations and bytes of one dispatch at the largest sizes; every tensor's bytes count once. */
export function costOf(draft: Draft, nodes: ReadonlyMap<string, Node>): KernelCost {
  const reads = [...new Set(draft.computations.flatMap((c) => [...c.reads]))]
    .map((k) => nodes.get(k))
    .filter((n) => n !== undefined);
  const pieces = draft.computations.flatMap((c) => c.pieces);
  return {
    flops: pieces.reduce((n, p) => n + workOf(p), 0),
    bytesRead: reads.reduce((n, x) => n + bytesTouched(x, draft), 0),
    bytesWritten: pieces.reduce((n, p) => n + points(p) * p.stores.length * 4, 0),
    parameters: reads.flatMap((n) => (n.kind === 'parameter' ? [n.name] : [])),
  };
}

const points = (p: FormedPiece): number => p.domain.reduce((n, d) => n * upper(d.extent), 1);

/** A table read by a computed index is touched once for each index, not as a whole. */
function bytesTouched(node: Node, draft: Draft): number {
  const whole = bytesOf(node);
  const gathered = draft.computations
    .flatMap((c) => c.pieces)
    .filter((p) => p.stores.some((s) => loadsByIndex(s.value, node.key)));
  if (gathered.length === 0) return whole;
  return Math.min(whole, gathered.reduce((n, p) => n + points(p) * STORED_BYTES[storageOf(node)], 0));
}

function loadsByIndex(e: Expr, buffer: string): boolean {
  if (e.kind === 'load' && e.buffer === buffer) return containsLoad(e.index);
  return childrenOf(e).some((x) => loadsByIndex(x, buffer));
}

const containsLoad = (e: Expr): boolean => e.kind === 'load' || childrenOf(e).some(containsLoad);
