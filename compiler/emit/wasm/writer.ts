import type { Expr, LoadExpr } from '../../expr/expr.ts';
import type { Loop } from '../../loop/ir.ts';
import type { BlockKind } from '../block.ts';
import type { Scope } from './scope.ts';
import type { Value } from './value.ts';

/** Writes what one turn of a loop does. */
export type Turn = (inner: Scope) => void;

/** Turns of so many entries each; `after` them follows what they leave, where there were any. */
export interface Phase {
  readonly step: number;
  /** Where it ends; the range's end where nothing is said. */
  readonly until?: number;
  readonly turn: Turn;
  readonly after?: () => void;
}

/** What folds are written with. */
export interface Writer {
  /** A value, in a block where its variables are bound. */
  expr(e: Expr, scope: Scope): Value;
  /** The same in four lanes. */
  widened(e: Expr, scope: Scope): Value;
  /** Eight integers side by side. */
  integers(e: LoadExpr, scope: Scope): Value;
  /** A value that is kept in a local. */
  held(x: Value, scope: Scope): Value;
  assign(scope: Scope, name: string, x: Value): void;
  /** The phases of a loop one after the other. */
  turns(loop: Loop, kind: BlockKind, scope: Scope, phases: readonly Phase[]): void;
}

/** How many entries of a loop's range are taken four at a time. */
export function wholeOf({ extent, vector }: Loop): number | 'unknown' {
  if (vector === 1) return 0;
  return extent.kind === 'const' ? extent.value & ~3 : 'unknown';
}

/** Among how many partial totals vectors of `width` are shared: several where the range surely has so many vectors. */
export const chainsOf = ({ extent, vector, chains = 1 }: Loop, width: number): number =>
  (vector === 4 && extent.kind === 'const' && extent.value >= width * chains ? chains : 1);

/** The local of a total, or of its four partial totals. */
export const totalName = (name: string, wide: boolean): string => (wide ? `${name}.v` : name);
