import { ExprBuilder, mapOperands, operands } from '../scalar/builder.ts';
import type { ScalarExpr } from '../scalar/expr.ts';
import { simplify } from '../scalar/simplify.ts';

/** Two functions of the same arguments, whose product a function is. */
export interface Factors {
  readonly inside: ScalarExpr;
  readonly outside: ScalarExpr;
}

/** Separates what depends on arguments that vary (`inside`) from the factors and divisors that do not. */
export function factors(fn: ScalarExpr, varies: (argument: number) => boolean): Factors {
  const varying = varyingOps(fn, varies);
  const items = itemsOf(fn, varying);
  const [inside, outside] = [true, false].map((wanted) =>
    productOf(fn, items.filter(({ at }) => at === undefined ? !wanted : varying[at] === wanted)));
  return { inside, outside };
}

/** By position: whether an operation's value depends on an argument that varies. */
function varyingOps(fn: ScalarExpr, varies: (argument: number) => boolean): readonly boolean[] {
  const result: boolean[] = [];
  for (const op of fn.ops) {
    result.push(op.op === 'arg' ? varies(op.index) : operands(op).some((at) => result[at]));
  }
  return result;
}

/** A factor or a divisor by its position; -1 has none. */
interface Item { readonly at: number | undefined; readonly divides: boolean }

/** What a function multiplies and divides, in its order. */
function itemsOf(fn: ScalarExpr, varying: readonly boolean[]): readonly Item[] {
  const walk = (at: number, divides: boolean): readonly Item[] => {
    const op = fn.ops[at];
    if (!varying[at]) return [{ at, divides }];
    switch (op.op) {
      case 'mul': return [...walk(op.a, divides), ...walk(op.b, divides)];
      case 'div': return [...walk(op.a, divides), ...walk(op.b, !divides)];
      case 'neg': return [{ at: undefined, divides: false }, ...walk(op.a, divides)];
      default: return [{ at, divides }];
    }
  };
  return walk(fn.result, false);
}

/** Factors and divisors in turn, so that no product of many grows beyond what a division would have kept small. */
function productOf(fn: ScalarExpr, items: readonly Item[]): ScalarExpr {
  const builder = new ExprBuilder(true);
  const moved: number[] = [];
  for (const op of fn.ops) moved.push(builder.emit(mapOperands(op, (at) => moved[at])));
  const value = items.reduce((product, { at, divides }) => {
    if (at === undefined) return builder.emit({ op: 'neg', a: product });
    return builder.emit({ op: divides ? 'div' : 'mul', a: product, b: moved[at] });
  }, builder.constant(1));
  return simplify(builder.finish(fn.arity, value));
}
