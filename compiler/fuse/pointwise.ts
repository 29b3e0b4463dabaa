import type { Expr, LoadExpr } from '../expr/expr.ts';
import { findAll, outerReductions } from '../expr/rewrite.ts';
import type { Kind } from './kind.ts';
import type { Store } from './piece.ts';

/** Forms whose cells store each entry once, after all that they load for it. */
const ONE_BY_ONE: ReadonlySet<string> = new Set(['map', 'contract', 'rows']);

/**
 * Whether a kernel loads a value only at the entries that it stores, each for itself: then it may store them in the
 * place of that value. What a total takes from it is read by other cells too.
 */
export function readsWhereItStores(kind: Kind, name: string): boolean {
  return kind.formed?.every(({ form, stores }) =>
    ONE_BY_ONE.has(form.kind) && stores.every((s) => loadsOwnEntry(s, name))) ?? false;
}

/** Whether a store loads a value at the index of the store alone, and in no total. */
export function loadsOwnEntry({ index, value }: Store, name: string): boolean {
  if (loadsOf(index, name).length > 0) return false;
  if (outerReductions(value).some((r) => loadsOf(r, name).length > 0)) return false;
  return loadsOf(value, name).every((l) => l.index.key === index.key);
}

/** Loads of one value, also inside of totals. */
const loadsOf = (e: Expr, name: string): readonly LoadExpr[] =>
  findAll(e, (x) => x.kind === 'load' && x.buffer === name).filter((x): x is LoadExpr => x.kind === 'load');
