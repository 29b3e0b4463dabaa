import { RicciError } from '../errors.ts';
import { ExprBuilder } from './builder.ts';
import { evaluate } from './expr.ts';
import type { BinaryOp, ScalarExpr, UnaryOp } from './expr.ts';
import { lowerPrimitive } from './lower.ts';
import { makeScalarFn } from './scalar-fn.ts';
import type { NumberFunction, ScalarFn } from './scalar-fn.ts';

type Comparison = 'lt' | 'le' | 'gt' | 'ge' | 'eq' | 'ne';
type Arithmetic = Exclude<BinaryOp, Comparison | 'and' | 'or'>;

/** One run of `traced`: its operations, and the arguments that belong to it. */
interface Tracing {
  readonly builder: ExprBuilder;
  readonly args: readonly Scalar[];
  readonly positions: Map<Traced, number>;
}

/** Something that can write itself down as operations; once in each function, however often it is used. */
class Traced {
  readonly #write: (tracing: Tracing) => number;

  constructor(write: (tracing: Tracing) => number) {
    this.#write = write;
  }

  /** Position of its operation in the function that is being written down. */
  positionIn(tracing: Tracing): number {
    const known = tracing.positions.get(this);
    if (known !== undefined) return known;
    const position = this.#write(tracing);
    tracing.positions.set(this, position);
    return position;
  }
}

/** A condition on symbolic numbers; it chooses between two of them. */
export class Condition extends Traced {
  and(other: Condition): Condition { return joined('and', this, other); }
  or(other: Condition): Condition { return joined('or', this, other); }
  not(): Condition { return new Condition((t) => t.builder.emit({ op: 'not', a: this.positionIn(t) })); }

  /** `whenTrue` where the condition holds, else `whenFalse`. */
  select(whenTrue: Scalar | number, whenFalse: Scalar | number): Scalar {
    const [a, b] = [Scalar.of(whenTrue), Scalar.of(whenFalse)];
    return new Scalar((t) => t.builder.emit({
      op: 'select', cond: this.positionIn(t), then: a.positionIn(t), else: b.positionIn(t),
    }));
  }
}

/** A symbolic number: its methods write down operations instead of doing them. */
export class Scalar extends Traced {
  /**
   * A number as a symbolic one, to start with: `Scalar.of(1).div(x)`.
   * @throws RicciError `scalar/not-finite` for infinities and NaN, which shaders have no literals for
   */
  static of(value: Scalar | number): Scalar {
    if (typeof value !== 'number') return value;
    if (!Number.isFinite(value)) throw notFinite(value);
    return new Scalar((t) => t.builder.constant(value === 0 ? 0 : value));
  }

  add(other: Scalar | number): Scalar { return binary('add', this, other); }
  sub(other: Scalar | number): Scalar { return binary('sub', this, other); }
  mul(other: Scalar | number): Scalar { return binary('mul', this, other); }
  div(other: Scalar | number): Scalar { return binary('div', this, other); }
  mod(other: Scalar | number): Scalar { return binary('mod', this, other); }
  pow(other: Scalar | number): Scalar { return binary('pow', this, other); }
  min(other: Scalar | number): Scalar { return binary('min', this, other); }
  max(other: Scalar | number): Scalar { return binary('max', this, other); }

  neg(): Scalar { return unary('neg', this); }
  abs(): Scalar { return unary('abs', this); }
  exp(): Scalar { return unary('exp', this); }
  log(): Scalar { return unary('log', this); }
  sqrt(): Scalar { return unary('sqrt', this); }
  sin(): Scalar { return unary('sin', this); }
  cos(): Scalar { return unary('cos', this); }
  tanh(): Scalar { return unary('tanh', this); }
  floor(): Scalar { return unary('floor', this); }
  ceil(): Scalar { return unary('ceil', this); }
  round(): Scalar { return unary('round', this); }
  toF16(): Scalar { return unary('toF16', this); }
  sign(): Scalar { return unary('sign', this); }
  trunc(): Scalar { return new Scalar((t) => lowerPrimitive(t.builder, 'trunc', [this.positionIn(t)])); }

  lt(other: Scalar | number): Condition { return compared('lt', this, other); }
  le(other: Scalar | number): Condition { return compared('le', this, other); }
  gt(other: Scalar | number): Condition { return compared('gt', this, other); }
  ge(other: Scalar | number): Condition { return compared('ge', this, other); }
  eq(other: Scalar | number): Condition { return compared('eq', this, other); }
  ne(other: Scalar | number): Condition { return compared('ne', this, other); }
}

const unary = (op: Exclude<UnaryOp, 'not'>, a: Scalar): Scalar =>
  new Scalar((t) => t.builder.emit({ op, a: a.positionIn(t) }));

function binary(op: Arithmetic, a: Scalar, other: Scalar | number): Scalar {
  const b = Scalar.of(other);
  return new Scalar((t) => t.builder.emit({ op, a: a.positionIn(t), b: b.positionIn(t) }));
}

function compared(op: Comparison, a: Scalar, other: Scalar | number): Condition {
  const b = Scalar.of(other);
  return new Condition((t) => t.builder.emit({ op, a: a.positionIn(t), b: b.positionIn(t) }));
}

const joined = (op: 'and' | 'or', a: Condition, b: Condition): Condition =>
  new Condition((t) => t.builder.emit({ op, a: a.positionIn(t), b: b.positionIn(t) }));

/** `N` times `T`; a list of any length where `N` is not a literal. */
export type Times<T, N extends number, Made extends T[] = []> =
  number extends N ? T[] : Made['length'] extends N ? Made : Times<T, N, [...Made, T]>;

/** The type of functions of `N` numbers. */
export type FunctionOf<N extends number> =
  ((...args: Times<number, N>) => number) extends infer F extends NumberFunction ? F : never;

/**
 * A scalar function made by running `build` on symbolic numbers, on first use: the way to write one where its source
 * cannot be read (no build step and no TypeScript).
 *
 *     const silu = traced(1, (x) => x.div(x.neg().exp().add(1)), 'silu');
 *
 * Its first use throws RicciError `scalar/foreign-argument` when `build` uses another traced function's arguments.
 */
export function traced<N extends number>(
  arity: N,
  build: (...args: Times<Scalar, N>) => Scalar | number,
  label = 'traced function',
): ScalarFn<FunctionOf<N>> {
  const run: NumberFunction = (...args) => evaluate(made.expr, args);
  const made = makeScalarFn(run, () => ({ expr: trace(arity, build), label }), label);
  return made as ScalarFn<FunctionOf<N>>;
}

function trace<N extends number>(arity: N, build: (...args: Times<Scalar, N>) => Scalar | number): ScalarExpr {
  const args = Array.from({ length: arity }, (_, index) => argument(index));
  const tracing: Tracing = { builder: new ExprBuilder(), args, positions: new Map() };
  const result = Scalar.of(build(...(args as Times<Scalar, N>)));
  return tracing.builder.finish(arity, result.positionIn(tracing));
}

function argument(index: number): Scalar {
  const self: Scalar = new Scalar((t) => {
    if (t.args[index] !== self) throw foreignArgument();
    return t.builder.emit({ op: 'arg', index });
  });
  return self;
}

const foreignArgument = (): RicciError => new RicciError({
  code: 'scalar/foreign-argument',
  message: 'An argument of one `traced` function was used in another.',
  hint: 'Use only the arguments that the traced function was given.',
});

const notFinite = (value: number): RicciError => new RicciError({
  code: 'scalar/not-finite',
  message: `A scalar function cannot hold the constant ${value}: shaders have no literal for it.`,
  hint: 'Use a large finite number such as 3e38.',
});
