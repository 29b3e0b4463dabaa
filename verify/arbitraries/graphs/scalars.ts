import fc from 'fast-check';
import { ExprBuilder } from '../../../dsl/scalar/builder.ts';
import type { ScalarExpr } from '../../../dsl/scalar/expr.ts';

/** One operation of a random scalar function: its operands are earlier values, counted from the last. */
export interface ScalarStep {
  readonly op: ScalarStepName;
  readonly a: number;
  readonly b: number;
  readonly k: number;
}

type Emit = (builder: ExprBuilder, a: number, b: number, k: number) => number;

/** |a| + k: a denominator or a base that stays away from zero. */
function away(e: ExprBuilder, a: number, k: number): number {
  return e.emit({ op: 'add', a: e.emit({ op: 'abs', a }), b: e.constant(Math.abs(k) + 0.25) });
}

/** Within [-3, 3], where WGSL states how exact sine and cosine are. */
const angle = (e: ExprBuilder, a: number): number =>
  e.emit({ op: 'mul', a: e.emit({ op: 'tanh', a }), b: e.constant(3) });

/** Within [-9000, 9000], which a binary16 holds. */
const ofF16 = (e: ExprBuilder, a: number): number =>
  e.emit({ op: 'min', a: e.emit({ op: 'max', a, b: e.constant(-9e3) }), b: e.constant(9e3) });

/** Operations, tamed where they could leave the numbers that single precision holds. The simplest come first. */
const STEPS = {
  add: (e, a, b) => e.emit({ op: 'add', a, b }),
  constant: (e, _a, _b, k) => e.constant(k),
  sub: (e, a, b) => e.emit({ op: 'sub', a, b }),
  mul: (e, a, b) => e.emit({ op: 'mul', a, b }),
  neg: (e, a) => e.emit({ op: 'neg', a }),
  abs: (e, a) => e.emit({ op: 'abs', a }),
  min: (e, a, b) => e.emit({ op: 'min', a, b }),
  max: (e, a, b) => e.emit({ op: 'max', a, b }),
  div: (e, a, b, k) => e.emit({ op: 'div', a, b: away(e, b, k) }),
  select: (e, a, b, k) => e.emit({ op: 'select', cond: e.emit({ op: 'lt', a, b: e.constant(k) }), then: b, else: a }),
  between: (e, a, b, k) => {
    const low = e.emit({ op: 'ge', a, b: e.constant(-Math.abs(k)) });
    const high = e.emit({ op: 'not', a: e.emit({ op: 'gt', a, b: e.constant(Math.abs(k)) }) });
    return e.emit({ op: 'select', cond: e.emit({ op: 'and', a: low, b: high }), then: a, else: b });
  },
  either: (e, a, b, k) => {
    const one = e.emit({ op: 'le', a, b });
    const other = e.emit({ op: 'ne', a: b, b: e.constant(k) });
    return e.emit({ op: 'select', cond: e.emit({ op: 'or', a: one, b: other }), then: b, else: a });
  },
  tanh: (e, a) => e.emit({ op: 'tanh', a }),
  exp: (e, a) => e.emit({ op: 'exp', a: e.emit({ op: 'min', a, b: e.constant(4) }) }),
  sqrt: (e, a) => e.emit({ op: 'sqrt', a: e.emit({ op: 'abs', a }) }),
  log: (e, a, _b, k) => e.emit({ op: 'log', a: away(e, a, k) }),
  sin: (e, a) => e.emit({ op: 'sin', a: angle(e, a) }),
  cos: (e, a) => e.emit({ op: 'cos', a: angle(e, a) }),
  floor: (e, a) => e.emit({ op: 'floor', a }),
  ceil: (e, a) => e.emit({ op: 'ceil', a }),
  round: (e, a) => e.emit({ op: 'round', a }),
  toF16: (e, a) => e.emit({ op: 'toF16', a: ofF16(e, a) }),
  sign: (e, a) => e.emit({ op: 'sign', a }),
  pow: (e, a, _b, k) => e.emit({ op: 'pow', a: away(e, a, 0), b: e.constant(k) }),
  mod: (e, a, b, k) => e.emit({ op: 'mod', a, b: away(e, b, k) }),
} as const satisfies Readonly<Record<string, Emit>>;

type ScalarStepName = keyof typeof STEPS;

const NAMES = Object.keys(STEPS) as ScalarStepName[];

export const scalarSteps: fc.Arbitrary<readonly ScalarStep[]> = fc.array(
  fc.record({
    op: fc.constantFrom(...NAMES), a: fc.nat(3), b: fc.nat(3),
    k: fc.constantFrom(1, 2, 0.5, -1, 0.1, -1.75, 1.5),
  }),
  { minLength: 1, maxLength: 5 },
);

/** The function that the steps describe; its last value is the result. */
export function scalarExpr(arity: number, steps: readonly ScalarStep[]): ScalarExpr {
  const builder = new ExprBuilder();
  const values = Array.from({ length: arity }, (_, index) => builder.emit({ op: 'arg', index }));
  if (values.length === 0) values.push(builder.constant(1));
  const recent = (n: number): number => values[values.length - 1 - (n % values.length)];
  for (const s of steps) values.push(STEPS[s.op](builder, recent(s.a), recent(s.b), s.k));
  return builder.finish(arity, recent(0));
}
