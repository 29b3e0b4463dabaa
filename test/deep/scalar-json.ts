import { isUnary, type BinaryOp, type ScalarExpr, type ScalarOp, type UnaryOp } from '../../dsl/scalar/expr.ts';
import { writeNumber } from './exact-number.ts';
import { asInteger, asList, asNumber, asWord, Fields, wrong, type Words } from './fields.ts';

const UNARY: Words<UnaryOp> = {
  neg: true, abs: true, exp: true, log: true, sqrt: true, sin: true, cos: true, tanh: true, floor: true, ceil: true,
  round: true, toF16: true, sign: true, not: true,
};

const BINARY: Words<BinaryOp> = {
  add: true, sub: true, mul: true, div: true, pow: true, min: true, max: true, mod: true,
  lt: true, le: true, gt: true, ge: true, eq: true, ne: true, and: true, or: true,
};

/** A scalar function as JSON, an operation as a list: `["arg", 0]`, `["const", 0.5]`, `["add", 0, 1]`. */
export const writeScalar = ({ arity, ops, result }: ScalarExpr) => ({ arity, ops: ops.map(writeOp), result });

function writeOp(op: ScalarOp): readonly (string | number)[] {
  if (op.op === 'arg') return [op.op, op.index];
  if (op.op === 'const') return [op.op, writeNumber(op.value)];
  if (op.op === 'select') return [op.op, op.cond, op.then, op.else];
  return isUnary(op) ? [op.op, op.a] : [op.op, op.a, op.b];
}

/** @throws `replay/field` for operations that there are not, and operands that do not stand before their use */
export function readScalar(json: unknown, where: string): ScalarExpr {
  const fields = new Fields(json, where);
  const arity = fields.integer('arity');
  const ops = fields.list('ops').map((op, i) => readOp(op, i, arity, `${where}.ops[${i}]`));
  return { arity, ops, result: below(fields.integer('result'), ops.length, `${where}.result`) };
}

function readOp(json: unknown, at: number, arity: number, where: string): ScalarOp {
  const [op, ...rest] = asList(json, where);
  const earlier = (i: number): number => below(rest[i], at, where);
  if (op === 'arg') return { op, index: below(rest[0], arity, where) };
  if (op === 'const') return { op, value: asNumber(rest[0], where) };
  if (op === 'select') return { op, cond: earlier(0), then: earlier(1), else: earlier(2) };
  if (rest.length === 1) return { op: asWord(op, UNARY, where), a: earlier(0) };
  return { op: asWord(op, BINARY, where), a: earlier(0), b: earlier(1) };
}

function below(json: unknown, count: number, where: string): number {
  const position = asInteger(json, where);
  if (position < 0 || position >= count) throw wrong(where, `an integer from 0 to before ${count}`, position);
  return position;
}
