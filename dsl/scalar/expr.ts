/**
 * A scalar function as data: a short straight-line program over numbers.
 *
 * Everything that needs to know what a scalar function computes (the interpreter, the WGSL emitter, differentiation)
 * reads this one form. Operations refer to earlier operations by position, so sharing is explicit and the whole value
 * is plain JSON.
 */

export type UnaryOp =
  | 'neg' | 'abs' | 'exp' | 'log' | 'sqrt' | 'sin' | 'cos' | 'tanh' | 'floor' | 'ceil' | 'round' | 'toF16' | 'sign'
  | 'not';

export type BinaryOp =
  | 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'min' | 'max' | 'mod'
  | 'lt' | 'le' | 'gt' | 'ge' | 'eq' | 'ne'
  | 'and' | 'or';

export type ScalarOp =
  | { readonly op: 'arg'; readonly index: number }
  | { readonly op: 'const'; readonly value: number }
  | { readonly op: UnaryOp; readonly a: number }
  | { readonly op: BinaryOp; readonly a: number; readonly b: number }
  | { readonly op: 'select'; readonly cond: number; readonly then: number; readonly else: number };

/** `ops[result]` is the value of the function; `arity` counts its arguments. */
export interface ScalarExpr {
  readonly arity: number;
  readonly ops: readonly ScalarOp[];
  readonly result: number;
}

const UNARY: ReadonlySet<string> = new Set<UnaryOp>([
  'neg', 'abs', 'exp', 'log', 'sqrt', 'sin', 'cos', 'tanh', 'floor', 'ceil', 'round', 'toF16', 'sign', 'not',
]);
const BOOLEAN: ReadonlySet<string> = new Set(['lt', 'le', 'gt', 'ge', 'eq', 'ne', 'and', 'or', 'not']);

export const isUnary = (op: ScalarOp): op is Extract<ScalarOp, { op: UnaryOp }> => UNARY.has(op.op);

/** Comparisons and logical operations give truth values; everything else gives numbers. */
export const isBoolean = (op: ScalarOp): boolean => BOOLEAN.has(op.op);

/**
 * One operation on IEEE doubles. Truth values are 1 and 0. `mod` has the sign of the dividend, as in JavaScript and
 * WGSL.
 */
export function applyOp(op: Exclude<ScalarOp['op'], 'arg' | 'const'>, a: number, b = 0, c = 0): number {
  switch (op) {
    case 'neg': return -a;
    case 'abs': return Math.abs(a);
    case 'exp': return Math.exp(a);
    case 'log': return Math.log(a);
    case 'sqrt': return Math.sqrt(a);
    case 'sin': return Math.sin(a);
    case 'cos': return Math.cos(a);
    case 'tanh': return Math.tanh(a);
    case 'floor': return Math.floor(a);
    case 'ceil': return Math.ceil(a);
    case 'round': return roundHalfEven(a);
    case 'toF16': return nearestF16(a);
    case 'sign': return Math.sign(a);
    case 'not': return a === 0 ? 1 : 0;
    case 'add': return a + b;
    case 'sub': return a - b;
    case 'mul': return a * b;
    case 'div': return a / b;
    case 'pow': return Math.pow(a, b);
    case 'min': return Math.min(a, b);
    case 'max': return Math.max(a, b);
    case 'mod': return a % b;
    case 'lt': return a < b ? 1 : 0;
    case 'le': return a <= b ? 1 : 0;
    case 'gt': return a > b ? 1 : 0;
    case 'ge': return a >= b ? 1 : 0;
    case 'eq': return a === b ? 1 : 0;
    case 'ne': return a !== b ? 1 : 0;
    case 'and': return a !== 0 && b !== 0 ? 1 : 0;
    case 'or': return a !== 0 || b !== 0 ? 1 : 0;
    case 'select': return a !== 0 ? b : c;
  }
}

/** WGSL's `round` takes ties to even; `Math.round` takes them up. The language has one meaning, so it follows WGSL. */
function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

/** From here on, numbers are nearer to what would follow the largest binary16 than to that: they become infinite. */
const BEYOND_F16 = 65520;

/** Exponent of the smallest binary16 that has all its digits. */
const LEAST_EXPONENT = -14;

/** The nearest number that an IEEE binary16 holds, of two the even one. */
function nearestF16(x: number): number {
  if (x === 0 || Number.isNaN(x)) return x;
  if (Math.abs(x) >= BEYOND_F16) return x * Infinity;
  const unit = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), LEAST_EXPONENT) - 10);
  return Math.sign(x) * roundHalfEven(Math.abs(x) / unit) * unit;
}

/** Runs a scalar function in double precision: the meaning that every other reading of it is compared with. */
export function evaluate(expr: ScalarExpr, args: readonly number[]): number {
  const values: number[] = [];
  for (const op of expr.ops) values.push(evaluateOp(op, values, args));
  return values[expr.result];
}

function evaluateOp(op: ScalarOp, values: readonly number[], args: readonly number[]): number {
  if (op.op === 'arg') return args[op.index];
  if (op.op === 'const') return op.value;
  if (op.op === 'select') return applyOp('select', values[op.cond], values[op.then], values[op.else]);
  if (isUnary(op)) return applyOp(op.op, values[op.a]);
  return applyOp(op.op, values[op.a], values[op.b]);
}
