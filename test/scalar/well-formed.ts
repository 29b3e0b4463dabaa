import { operands } from '../../dsl/scalar/builder.ts';
import { isBoolean } from '../../dsl/scalar/expr.ts';
import type { ScalarExpr, ScalarOp } from '../../dsl/scalar/expr.ts';

const conditionsOf = (op: ScalarOp): readonly number[] => {
  if (op.op === 'select') return [op.cond];
  return op.op === 'and' || op.op === 'or' || op.op === 'not' ? operands(op) : [];
};

/** What every expression keeps to, in sentences; an empty list where it does. */
export function faultsOf(expr: ScalarExpr): readonly string[] {
  const faults: string[] = [];
  const used = new Set([expr.result, ...expr.ops.flatMap(operands)]);
  const seen = new Set<string>();
  expr.ops.forEach((op, at) => {
    const conditions = conditionsOf(op);
    for (const from of operands(op)) {
      if (from >= at) faults.push(`${at} reads ${from}, which comes later`);
      if (isBoolean(expr.ops[from]) !== conditions.includes(from)) faults.push(`${at} takes ${from} as the wrong kind`);
    }
    if (!used.has(at)) faults.push(`${at} is dead`);
    if (seen.has(JSON.stringify(op))) faults.push(`${at} is there twice`);
    if (op.op === 'const' && (!Number.isFinite(op.value) || Object.is(op.value, -0))) faults.push(`${at} is not JSON`);
    if (op.op === 'arg' && op.index >= expr.arity) faults.push(`${at} is no argument`);
    seen.add(JSON.stringify(op));
  });
  if (isBoolean(expr.ops[expr.result])) faults.push('the result is a truth value');
  return faults;
}
