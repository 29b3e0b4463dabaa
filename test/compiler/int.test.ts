import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constI, load, sizeExpr, variable, type Expr } from '../../compiler/expr/expr.ts';
import {
  clampIndex, iadd, idiv, imod, imul, multipleOf, nonNegative, rejoined, stride, upper,
} from '../../compiler/expr/int.ts';
import { substitute } from '../../compiler/expr/rewrite.ts';
import { integer } from '../support/loops.ts';

/** Loop variables with their bounds, a symbolic size, and a value read from memory, which may be anything. */
const BOUNDS = { a: 1, b: 3, c: 8, d: 17 } as const;
const SIZE_MAX = 12;

type Values = Readonly<Record<string, number>>;

/** An index expression as the compiler builds it, and what plain arithmetic says it is. */
interface Case { readonly expr: Expr; readonly value: (v: Values) => number }

const atoms: readonly Case[] = [
  ...Object.entries(BOUNDS).map(([name, bound]): Case => ({ expr: variable(name, bound), value: (v) => v[name] })),
  { expr: sizeExpr('n', SIZE_MAX), value: (v) => v['n'] },
  { expr: load('buffer', constI(0), 'i32'), value: (v) => v['buffer'] },
];

const positive = fc.constantFrom(1, 2, 3, 4, 8, 12, 17);

const { index: indices } = fc.letrec<{ index: Case }>((tie) => ({
  index: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...atoms),
    fc.integer({ min: -5, max: 40 }).map((n): Case => ({ expr: constI(n), value: () => n })),
    fc.tuple(tie('index'), tie('index')).map(([x, y]): Case =>
      ({ expr: iadd(x.expr, y.expr), value: (v) => x.value(v) + y.value(v) })),
    fc.tuple(tie('index'), fc.integer({ min: -4, max: 12 })).map(([x, n]): Case =>
      ({ expr: imul(x.expr, n), value: (v) => x.value(v) * n })),
    // Quotients and remainders are asked for where the operand is known not to be negative.
    fc.tuple(tie('index'), positive).map(([x, n]): Case =>
      (nonNegative(x.expr) ? { expr: idiv(x.expr, n), value: (v) => Math.floor(x.value(v) / n) } : x)),
    fc.tuple(tie('index'), positive).map(([x, n]): Case =>
      (nonNegative(x.expr) ? { expr: imod(x.expr, n), value: (v) => x.value(v) % n } : x)),
    fc.tuple(tie('index'), positive).map(([x, n]): Case =>
      ({ expr: clampIndex(x.expr, n), value: (v) => Math.min(Math.max(x.value(v), 0), n - 1) })),
  ),
}));

const values: fc.Arbitrary<Values> = fc.record({
  a: fc.constant(0), b: fc.nat(BOUNDS.b - 1), c: fc.nat(BOUNDS.c - 1), d: fc.nat(BOUNDS.d - 1),
  n: fc.integer({ min: 1, max: SIZE_MAX }), buffer: fc.integer({ min: -20, max: 60 }),
});

/** Zero has one sign among integers. */
const evaluate = (e: Expr, v: Values): number => compute(e, v) + 0;

function compute(e: Expr, v: Values): number {
  switch (e.kind) {
    case 'const': return e.value;
    case 'var': case 'size': return v[e.name];
    case 'load': return v[e.buffer];
    case 'int': return integer(e.op, compute(e.a, v), compute(e.b, v));
    default: throw new Error(`no index has a ${e.kind}`);
  }
}

describe('index arithmetic in normal form', () => {
  test('is integer arithmetic', () => {
    fc.assert(fc.property(indices, values, (c, v) => {
      expect(evaluate(c.expr, v)).toBe(c.value(v) + 0);
    }), { numRuns: 2000 });
  });

  test('never exceeds its upper bound, and is not negative where it is said not to be', () => {
    fc.assert(fc.property(indices, values, (c, v) => {
      if (!nonNegative(c.expr)) return;
      expect(c.value(v)).toBeGreaterThanOrEqual(0);
      expect(c.value(v)).toBeLessThanOrEqual(upper(c.expr));
    }), { numRuns: 2000 });
  });

  test('equal values in another order of sums are one expression', () => {
    fc.assert(fc.property(indices, indices, indices, (x, y, z) => {
      expect(iadd(iadd(x.expr, y.expr), z.expr).key).toBe(iadd(z.expr, iadd(y.expr, x.expr)).key);
    }));
  });

  test('a merged and split index vanishes: (hi·n + lo) / n is hi, and mod n is lo', () => {
    fc.assert(fc.property(indices, fc.integer({ min: 2, max: 20 }), (hi, n) => {
      const lo = variable('lo', n);
      const whole = iadd(imul(hi.expr, n), lo);
      expect(idiv(whole, n).key).toBe(iadd(hi.expr, constI(0)).key);
      expect(imod(whole, n).key).toBe(lo.key);
    }));
  });

  test('what was split and lies in memory as it did is one index again, whatever is beside it', () => {
    const splits = fc.tuple(fc.constantFrom('c', 'd'), positive, fc.integer({ min: 1, max: 9 }));
    fc.assert(fc.property(indices, values, splits, (c, v, [name, n, by]) => {
      const whole = variable(name, BOUNDS[name]);
      const split = iadd(imul(idiv(whole, n), n * by), imul(imod(whole, n), by));
      expect(rejoined(split).key).toBe(imul(whole, by).key);
      expect(evaluate(rejoined(iadd(c.expr, split)), v) + 0).toBe(c.value(v) + by * v[name] + 0);
    }), { numRuns: 1000 });
  });

  test('the stride along a variable is how far one step moves, and the rest does not move', () => {
    fc.assert(fc.property(indices, values, fc.constantFrom('b', 'c', 'd'), (c, v, name) => {
      const s = stride(c.expr, name);
      if (s === undefined) return;
      expect(s.rest.free.has(name)).toBe(false);
      expect(evaluate(s.rest, v) + s.factor * v[name] + 0).toBe(c.value(v) + 0);
    }), { numRuns: 1000 });
  });

  test('what is said to be a multiple is one', () => {
    fc.assert(fc.property(indices, values, positive, (c, v, n) => {
      if (multipleOf(c.expr, n)) expect(Math.abs(c.value(v) % n)).toBe(0);
    }), { numRuns: 1000 });
  });

  test('putting numbers for variables is the same before and after normalising', () => {
    fc.assert(fc.property(indices, values, (c, v) => {
      const table = new Map(Object.keys(BOUNDS).map((name) => [name, constI(v[name])]));
      expect(evaluate(substitute(c.expr, table), v)).toBe(c.value(v) + 0);
    }), { numRuns: 1000 });
  });
});
