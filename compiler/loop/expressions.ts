import type { Expr } from '../expr/expr.ts';
import type { Stmt } from './ir.ts';

/** The expressions that a statement computes, without those of statements inside it. */
export function expressionsOf(s: Stmt): readonly Expr[] {
  switch (s.kind) {
    case 'let': case 'state': case 'assign': return [s.value];
    case 'store': return [s.index, s.value];
    case 'guard': return [s.condition];
    case 'loop': return [s.loop.extent];
    case 'fold': return [s.loop.extent, ...(s.spreads ?? []).map((p) => p.value), ...s.totals.map((t) => t.value)];
    case 'array': return s.values;
    case 'barrier': return [];
  }
}
