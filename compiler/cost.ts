import type { Node } from '../dsl/node.ts';
import type { Expr } from './expr/expr.ts';
import { upper } from './expr/int.ts';
import { findAll } from './expr/rewrite.ts';
import { entriesOf, storageOf } from './fuse/cost.ts';
import type { Piece } from './fuse/piece.ts';
import type { Draft } from './fuse/siblings.ts';
import { STORED_BYTES, type KernelCost } from './program.ts';

/** Floating-point operations and bytes of one dispatch at the largest sizes; every tensor's bytes count once. */
export function costOf(draft: Draft, nodes: ReadonlyMap<string, Node>): KernelCost {
  // What one of several values in a kernel is made of may be another of them: then it is in a register.
  const made = new Set(draft.computations.map((c) => c.root.key));
  const reads = [...new Set(draft.computations.flatMap((c) => [...c.reads]))]
    .filter((key) => !made.has(key))
    .map((k) => nodes.get(k))
    .filter((n) => n !== undefined);
  // What a kernel holds for itself is no memory.
  const pieces = draft.computations.flatMap(({ kind }) => kind.pieces.filter((p) => p.root.key === kind.root.key));
  const gathered = gatheredEntries(draft);
  return {
    flops: draft.computations.reduce((n, c) => n + c.kind.work, 0),
    bytesRead: reads.reduce((n, x) => n + bytesTouched(x, gathered), 0),
    bytesWritten: pieces.reduce((n, p) => n + points(p) * p.stores.length * STORED_BYTES[storageOf(p.root)], 0),
    parameters: reads.flatMap((n) => (n.kind === 'parameter' ? [n.name] : [])),
  };
}

const points = (p: Piece): number => p.domain.reduce((n, d) => n * upper(d.extent), 1);

/** A table read by a computed index is touched once for each index, not as a whole. */
function bytesTouched(node: Node, gathered: ReadonlyMap<string, number>): number {
  return Math.min(entriesOf(node), gathered.get(node.key) ?? Infinity) * STORED_BYTES[storageOf(node)];
}

/** How many entries of each value are read by a computed index, for the values of which any are. */
function gatheredEntries(draft: Draft): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { kind, values } of draft.computations) {
    for (const p of kind.pieces) {
      for (const name of new Set(p.stores.flatMap((s) => gatheredIn(s.value)))) {
        const key = values.get(name) ?? name;
        found.set(key, (found.get(key) ?? 0) + points(p));
      }
    }
  }
  return found;
}

/** Names of what is loaded at an index that is itself loaded. */
const gatheredIn = (e: Expr): readonly string[] =>
  findAll(e, (x) => x.kind === 'load').flatMap((x) => (x.kind === 'load' && hasLoad(x.index) ? [x.buffer] : []));

const hasLoad = (e: Expr): boolean => findAll(e, (x) => x.kind === 'load').length > 0;
