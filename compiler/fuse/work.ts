import { childrenOf, type Expr } from '../expr/expr.ts';
import { upper } from '../expr/int.ts';
import type { Piece } from './piece.ts';
import { columnsOf, scatterForm } from './scatter.ts';

/** Each operation once for every value of the variables it depends on. */
export function workOf(piece: Piece): number {
  const extents = new Map(piece.domain.map((d) => [d.v.name, upper(d.extent)]));
  const seen = new Set<string>();
  const count = (e: Expr, env: ReadonlyMap<string, number>): number => {
    if (seen.has(e.key)) return 0;
    seen.add(e.key);
    const times = [...e.free].reduce((n, name) => n * (env.get(name) ?? 1), 1);
    if (e.kind === 'reduce') {
      const inner = new Map([...env, [e.v.name, upper(e.extent)]]);
      return times * upper(e.extent) + count(e.body, inner);
    }
    const own = e.kind === 'op' ? times : 0;
    if (e.kind === 'load' || e.kind === 'int') return own;
    return childrenOf(e).reduce((n, x) => n + count(x, env), own);
  };
  const scatter = scatterForm(piece);
  if (scatter === undefined) return piece.stores.reduce((n, s) => n + count(s.value, extents), 0);
  const { over, index, value, rest } = scatter;
  const inner = new Map([...extents, [over.v.name, upper(over.extent)]]);
  const added = columnsOf(piece, scatter).reduce((n, d) => n * upper(d.extent), upper(over.extent));
  return added + count(index, inner) + count(value, inner) + (rest === undefined ? 0 : count(rest, extents));
}
