import type { ScalarExpr, ScalarOp } from './expr.ts';

/** Operations whose two operands may trade places without changing any bit of the result. */
const COMMUTATIVE: ReadonlySet<string> = new Set(['add', 'mul', 'min', 'max', 'eq', 'ne', 'and', 'or']);

/** The positions that an operation reads, in order. */
export function operands(op: ScalarOp): readonly number[] {
  if (op.op === 'arg' || op.op === 'const') return [];
  if (op.op === 'select') return [op.cond, op.then, op.else];
  return 'b' in op ? [op.a, op.b] : [op.a];
}

/** The same operation with its operands moved. */
export function mapOperands(op: ScalarOp, move: (at: number) => number): ScalarOp {
  if (op.op === 'arg' || op.op === 'const') return op;
  if (op.op === 'select') return { op: 'select', cond: move(op.cond), then: move(op.then), else: move(op.else) };
  return 'b' in op ? { op: op.op, a: move(op.a), b: move(op.b) } : { op: op.op, a: move(op.a) };
}

function keyOf(op: ScalarOp, commute: boolean): string {
  if (op.op === 'arg') return `arg ${op.index}`;
  if (op.op === 'const') return `const ${Object.is(op.value, -0) ? '-0' : op.value}`;
  const from = operands(op);
  return `${op.op} ${(commute && COMMUTATIVE.has(op.op) ? from.toSorted((a, b) => a - b) : from).join(' ')}`;
}

/** Collects operations, each distinct one once (common subexpressions are shared as they are made). */
export class ExprBuilder {
  readonly #ops: ScalarOp[] = [];
  readonly #positions = new Map<string, number>();
  readonly #commute: boolean;

  /** With `commute`, `x + y` and `y + x` are one operation too: the one that was there first. */
  constructor(commute = false) {
    this.#commute = commute;
  }

  /** Position of the operation, which is added unless an equal one is there. */
  emit(op: ScalarOp): number {
    const key = keyOf(op, this.#commute);
    const known = this.#positions.get(key);
    if (known !== undefined) return known;
    const at = this.#ops.push(op) - 1;
    this.#positions.set(key, at);
    return at;
  }

  constant(value: number): number {
    return this.emit({ op: 'const', value });
  }

  at(position: number): ScalarOp {
    return this.#ops[position];
  }

  /** Adds a whole expression with its arguments replaced by the values at `args`; gives its result's position. */
  inline(expr: ScalarExpr, args: readonly number[]): number {
    const moved: number[] = [];
    for (const op of expr.ops) {
      moved.push(op.op === 'arg' ? args[op.index] : this.emit(mapOperands(op, (at) => moved[at])));
    }
    return moved[expr.result];
  }

  /**
   * The expression of the value at `result`, without dead operations. Operations come in depth-first order, so the
   * data do not depend on the order in which they were emitted.
   */
  finish(arity: number, result: number): ScalarExpr {
    const ops: ScalarOp[] = [];
    const moved = new Map<number, number>();
    const place = (at: number): number => {
      const known = moved.get(at);
      if (known !== undefined) return known;
      const position = ops.push(mapOperands(this.#ops[at], place)) - 1;
      moved.set(at, position);
      return position;
    };
    return { arity, ops, result: place(result) };
  }
}
