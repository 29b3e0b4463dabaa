import { inspect } from 'node:util';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { exp, max, print, scalar, Scalar, select, traced } from '../../dsl/scalar/index.ts';
import type { ScalarExpr, ScalarFn } from '../../dsl/scalar/index.ts';
import { logistic, sigmoid, STEEPNESS } from './programs/reexport.ts';

const HALF = 1 / 2;
const iswiglu = scalar((x) => x * x / (1 + exp(-x)));

describe('scalar functions of this very file', () => {
  test('are read from its source', () => {
    expect(print(iswiglu.expr)).toBe('(x) => x * x / (1 + exp(-x))');
    expect(iswiglu.label).toBe('iswiglu');
    expect(iswiglu(2)).toBe(4 / (1 + Math.exp(-2)));
  });

  test('are read once', () => {
    expect(iswiglu.expr).toBe(iswiglu.expr);
  });

  test('see their scope: imports, re-exports, constants and functions around them', () => {
    const shifted = scalar((x: number, by: number) => logistic(x - by * HALF));
    const outer = scalar((x) => sigmoid(STEEPNESS * x) + shifted(x, 1));
    expect(print(outer.expr)).toBe(
      `(x) => 1 / (1 + exp(-(2 * ${Math.LN2} * x))) + 1 / (1 + exp(-(x - 1 * (1 / 2))))`,
    );
  });

  test('of one text are told apart by their place', () => {
    const make = [
      () => { const k = 1 + 1; return scalar((x) => x * k); },
      () => { const k = 2 + 2; return scalar((x) => x * k); },
    ];
    expect(make.map((f) => print(f().expr))).toEqual(['(x) => x * (1 + 1)', '(x) => x * (2 + 2)']);
  });

  test('on one line are told apart', () => {
    const fns = [scalar((x) => x + 1), scalar((x) => x + 2), scalar((x) => x + 1)];
    expect(fns.map((f) => print(f.expr))).toEqual(['(x) => x + 1', '(x) => x + 2', '(x) => x + 1']);
  });

  test('are shown as what they compute', () => {
    expect(inspect(iswiglu)).toBe('[scalar iswiglu: (x) => x * x / (1 + exp(-x))]');
  });

  test('report what cannot be translated with this file’s name', () => {
    const bad = scalar((x) => [x].length);
    expect(() => bad.expr).toThrow(/in-place\.test\.ts\(\d+,31\): error RICCI1004: This property access expression/);
    expect(bad.label).toBe('scalar function');
    expect(inspect(bad)).toBe('[scalar scalar function: not translatable]');
    expect(bad(3)).toBe(1);
  });

  test('say so when their source is not found', () => {
    const made = new Function('scalar', 'return scalar((x) => x - 12345);')(scalar);
    expect(() => made.expr).toThrow('The source of the scalar function `(x) => x - 12345` was not found');
    expect(made(1)).toBe(-12344);
  });
});

const given: ScalarExpr = { arity: 1, ops: [{ op: 'arg', index: 0 }], result: 0 };

describe('a translation that is given', () => {
  test('is taken as it is', () => {
    const f = scalar((x: number) => x, given, 'same');
    expect(f.expr).toBe(given);
    expect(f.label).toBe('same');
    expect(scalar((x: number) => x, given).label).toBe('scalar function');
  });
});

describe('traced functions', () => {
  const silu = traced(1, (x) => x.div(x.neg().exp().add(1)), 'silu');

  test('are called like others', () => {
    expect(silu(1)).toBe(1 / (1 + Math.exp(-1)));
    expect(silu.label).toBe('silu');
    expect(print(silu.expr)).toBe('(x) => x / (exp(-x) + 1)');
  });

  test('may be constant', () => {
    expect(print(traced(1, () => 3).expr)).toBe('(x) => 3');
    expect(print(traced(1, (x) => Scalar.of(1).sub(x)).expr)).toBe('(x) => 1 - x');
  });

  test('cannot use arguments of others', () => {
    const leaked: Scalar[] = [];
    expect(traced(1, (x) => { leaked.push(x); return x; }).expr.result).toBe(0);
    expect(() => traced(1, (x) => x.add(leaked[0])).expr)
      .toThrow('An argument of one `traced` function was used in another.');
  });

  test('cannot hold constants without a literal', () => {
    expect(() => traced(1, (x) => x.mul(Infinity)).expr).toThrow('A scalar function cannot hold the constant Infinity');
  });
});

test('types say what is called with what', () => {
  expectTypeOf(iswiglu).toEqualTypeOf<ScalarFn<(x: number) => number>>();
  expectTypeOf(iswiglu).parameters.toEqualTypeOf<[x: number]>();
  expectTypeOf(traced(2, (x, y) => x.add(y))).parameters.toEqualTypeOf<[number, number]>();
  expectTypeOf(traced<1>).parameter(1).parameters.toEqualTypeOf<[Scalar]>();
  expectTypeOf(iswiglu).toExtend<ScalarFn>();
  // @ts-expect-error one argument is missing
  expect(scalar((x: number, y: number) => x + y)(1)).toBeNaN();
  // @ts-expect-error a scalar function gives a number
  scalar((x: number) => x > 0);
  // @ts-expect-error and takes numbers
  scalar((x: string) => Number(x));
  expect(max(1, select(true, 2, 3))).toBe(2);
});
