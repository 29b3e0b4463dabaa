import type { Expr, LoadExpr } from './expr.ts';
import { stride } from './int.ts';

/**
 * The factors of a product of integers that lie side by side along a variable, of which one has 8 bits; undefined for
 * any other expression. Vectors multiply such factors as integers, and add them up exactly.
 */
export function integerFactors(e: Expr, along: string): readonly [LoadExpr, LoadExpr] | undefined {
  if (e.kind !== 'op' || e.op !== 'mul') return undefined;
  const [a, b] = e.args;
  if (!isIntegers(a, along) || !isIntegers(b, along)) return undefined;
  return a.storage === 'int8' || b.storage === 'int8' ? [a, b] : undefined;
}

const isIntegers = (e: Expr, along: string): e is LoadExpr =>
  e.kind === 'load' && (e.storage === 'int8' || e.storage === 'int16') && stride(e.index, along)?.factor === 1;
