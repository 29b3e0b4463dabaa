import { loadedByFours } from '../../fuse/strides.ts';
import type { Stmt } from '../../loop/ir.ts';

/** Which of the values that lanes share a lane computes. */
export const OWN_LANE = '_own_lane';

export type StoreStmt = Extract<Stmt, { kind: 'store' }>;

/** Buffers that folds of a statement read four neighbours of, one by one. */
export function foursOf(s: Stmt): readonly string[] {
  if (s.kind === 'loop' || s.kind === 'guard') return s.body.flatMap(foursOf);
  if (s.kind !== 'fold') return [];
  return [...loadedByFours([...s.totals, ...(s.spreads ?? [])].map((t) => t.value))];
}

/** Arrays of a statement, also inside of loops. */
export function arraysOf(s: Stmt): readonly string[] {
  if (s.kind === 'array') return [s.name];
  return s.kind === 'loop' || s.kind === 'guard' ? s.body.flatMap(arraysOf) : [];
}

/** Stores that stand at the beginning, one after the other. */
export function leadingStores(body: readonly Stmt[]): readonly StoreStmt[] {
  const end = body.findIndex((s) => s.kind !== 'store');
  return body.slice(0, end < 0 ? body.length : end).filter((s): s is StoreStmt => s.kind === 'store');
}

/** Every variable that a statement declares. */
export function variablesOf(s: Stmt): readonly string[] {
  switch (s.kind) {
    case 'let': case 'state': case 'assign': return [s.v.name];
    case 'loop': return [s.loop.v.name, ...s.body.flatMap(variablesOf)];
    case 'fold':
      return [
        s.loop.v.name, ...s.totals.map((t) => t.v.name),
        ...(s.spreads ?? []).flatMap((p) => [OWN_LANE, ...p.values.map((v) => v.name)]),
      ];
    case 'guard': return s.body.flatMap(variablesOf);
    case 'store': case 'array': case 'barrier': return [];
  }
}
