import { ExprBuilder, mapOperands } from './builder.ts';
import type { ScalarExpr, ScalarOp } from './expr.ts';
import { REWRITES } from './rewrites.ts';
import type { Rewrite, Rewriter } from './rewrites.ts';

/** Adds operations to a builder in simplified form. */
export function simplifier(builder: ExprBuilder, rewrites: readonly Rewrite[] = REWRITES): Rewriter {
  const to: Rewriter = { builder, emit: (op) => emit(op) };
  const emit = (op: ScalarOp): number => {
    for (const rewrite of rewrites) {
      const simpler = rewrite.apply(op, to);
      if (simpler !== undefined) return simpler;
    }
    return builder.emit(op);
  };
  return to;
}

/**
 * The same function with constants folded, identities applied, common subexpressions shared and dead operations gone.
 * Values are the same but for the sign of zeros and for whole powers, which differ in the last places (each rewrite
 * states its law). Without constant conditions and without constants that JSON cannot hold.
 */
export function simplify(expr: ScalarExpr, rewrites: readonly Rewrite[] = REWRITES): ScalarExpr {
  const builder = new ExprBuilder(true);
  const { emit } = simplifier(builder, rewrites);
  const moved: number[] = [];
  for (const op of expr.ops) moved.push(emit(mapOperands(op, (at) => moved[at])));
  return builder.finish(expr.arity, moved[expr.result]);
}
