import type { ExprBuilder } from './builder.ts';
import type { PrimitiveName } from './primitive.ts';

/** Whole part of a number; exact, signed zeros and infinities included. */
function lowerTrunc(b: ExprBuilder, x: number): number {
  const negative = b.emit({ op: 'lt', a: x, b: b.constant(0) });
  return b.emit({
    op: 'select', cond: negative, then: b.emit({ op: 'ceil', a: x }), else: b.emit({ op: 'floor', a: x }),
  });
}

/** JavaScript's `Math.round`, which takes ties up; exact, since `x - floor(x)` decides only against one half. */
export function lowerRoundHalfUp(b: ExprBuilder, x: number): number {
  const down = b.emit({ op: 'floor', a: x });
  const upper = b.emit({ op: 'ge', a: b.emit({ op: 'sub', a: x, b: down }), b: b.constant(0.5) });
  return b.emit({ op: 'select', cond: upper, then: b.emit({ op: 'ceil', a: x }), else: down });
}

/** How many arguments a function takes: at least, at most. */
export function primitiveArity(name: PrimitiveName): readonly [number, number] {
  switch (name) {
    case 'pow': return [2, 2];
    case 'min': case 'max': return [1, Infinity];
    case 'select': return [3, 3];
    default: return [1, 1];
  }
}

/** Position of the function's value on the values at `args`, whose number `primitiveArity` allows. */
export function lowerPrimitive(b: ExprBuilder, name: PrimitiveName, args: readonly number[]): number {
  switch (name) {
    case 'trunc': return lowerTrunc(b, args[0]);
    case 'pow': return b.emit({ op: 'pow', a: args[0], b: args[1] });
    case 'min': case 'max': return args.reduce((first, next) => b.emit({ op: name, a: first, b: next }));
    case 'select': return b.emit({ op: 'select', cond: args[0], then: args[1], else: args[2] });
    default: return b.emit({ op: name, a: args[0] });
  }
}
