import { operands } from '../builder.ts';
import { isBoolean, isUnary } from '../expr.ts';
import type { BinaryOp, ScalarExpr, ScalarOp } from '../expr.ts';

const BINARY: ReadonlySet<string> = new Set<BinaryOp>([
  'add', 'sub', 'mul', 'div', 'pow', 'min', 'max', 'mod', 'lt', 'le', 'gt', 'ge', 'eq', 'ne', 'and', 'or',
]);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value >= 0;

function isScalarOp(value: unknown): value is ScalarOp {
  if (!isObject(value) || typeof value['op'] !== 'string') return false;
  const name = value['op'];
  if (name === 'arg') return isCount(value['index']);
  if (name === 'const') return typeof value['value'] === 'number';
  if (name === 'select') return isCount(value['cond']) && isCount(value['then']) && isCount(value['else']);
  if (BINARY.has(name)) return isCount(value['a']) && isCount(value['b']);
  return isUnary(value as ScalarOp) && isCount(value['a']);
}

/** Whether a value of unknown origin is a whole scalar expression: known operations that read earlier ones. */
export function isScalarExpr(value: unknown): value is ScalarExpr {
  if (!isObject(value)) return false;
  const { arity, ops, result } = value;
  if (!isCount(arity) || !Array.isArray(ops) || !isCount(result) || result >= ops.length) return false;
  return ops.every((op: unknown, at) => isScalarOp(op)
    && operands(op).every((from) => from < at)
    && (op.op !== 'arg' || op.index < arity))
    && !isBoolean(ops[result]);
}
