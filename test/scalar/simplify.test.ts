import { test as law } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../dsl/scalar/expr.ts';
import type { ScalarExpr, ScalarOp } from '../../dsl/scalar/expr.ts';
import { print, simplify } from '../../dsl/scalar/index.ts';
import { REWRITES } from '../../dsl/scalar/rewrites.ts';
import type { Law } from '../../dsl/scalar/rewrites.ts';
import { argumentLists, programs, sourceOf } from './trees.ts';
import { translateJavaScript, translateText } from './virtual-files.ts';
import { faultsOf } from './well-formed.ts';

/** Functions on which each rewrite acts. */
const EXAMPLES: { readonly [name: string]: readonly string[] } = {
  'fold constants': ['(x) => x + 2 * 3', '(x) => x * exp(1)', '(x) => x - min(3, -2)', '(x) => x * (7 % -4)'],
  'x * 1, x / 1, x ** 1, x - 0, x ** 0': [
    '(x) => x * 1', '(x) => 1 * x', '(x) => x / 1', '(x) => x ** 1', '(x) => x - 0', '(x) => x ** 0',
  ],
  'x * -1': ['(x) => x * -1', '(x) => -1 * x', '(x) => x / -1'],
  '-(-x), abs(-x), cos(-x)': ['(x) => -(-x)', '(x) => abs(-x)', '(x) => cos(-x)'],
  'x + -y, x - -y': ['(x, y) => x + -y', '(x, y) => x - -y', '(x, y) => -x + y'],
  '-x * y, x / -y': [
    '(x, y) => -x * y', '(x, y) => x * -y', '(x, y) => -x * -y', '(x, y) => x / -y', '(x, y) => -x / y',
  ],
  'min(x, x), c ? x : x': [
    '(x) => min(x, x)', '(x) => max(x, x)', '(x, y) => y > 0 ? x : x', '(x, y) => x > y && x > y ? x : y',
    '(x, y) => x > y || x > y ? x : y',
  ],
  'floor(floor(x))': [
    '(x) => floor(floor(x))', '(x) => ceil(floor(x))', '(x) => round(sign(x))', '(x) => abs(abs(x))',
    '(x) => floor(round(x))', '(x) => round(round(x))',
  ],
  'known condition': [
    '(x, y) => 1 < 2 ? x : y', '(x, y) => 1 > 2 ? x : y', '(x, y) => 1 < 2 && x > 0 ? x : y',
    '(x, y) => 1 > 2 && x > 0 ? x : y', '(x, y) => 1 < 2 || x > 0 ? x : y', '(x, y) => x > 0 || 1 > 2 ? x : y',
    '(x, y) => x > 0 && 1 > 2 ? x : y', '(x, y) => x > 0 || 1 < 2 ? x : y',
  ],
  'not of a known condition': ['(x, y) => !(1 < 2) ? x : y', '(x, y) => !(1 > 2) ? x : y'],
  '!(x === y), !c ? x : y': [
    '(x, y) => !(x === y) && x > 0 ? x : y', '(x, y) => !(x !== y) && x > 0 ? x : y', '(x, y) => !(x > y) ? x : y',
    '(x, y) => !!(x > y) && x > 0 ? x : y',
  ],
  'x + 0, 0 - x': ['(x) => x + 0', '(x) => 0 + x', '(x) => 0 - x'],
  '-(x - y)': ['(x, y) => -(x - y)'],
  'x ** 2': ['(x) => x ** 2', '(x) => x ** 3', '(x) => x ** 4', '(x) => x ** -1'],
};

const withinLastPlaces = (a: number, b: number): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= 4 * Math.max(Number.EPSILON * Math.abs(a), Number.MIN_VALUE);

const HOLDS: { readonly [L in Law]: (a: number, b: number) => boolean } = {
  exact: Object.is,
  'sign-of-zero': (a, b) => Object.is(a, b) || a === b,
  rounding: withinLastPlaces,
};

describe.each(REWRITES)('rewrite $name', (rewrite) => {
  const examples = (EXAMPLES[rewrite.name] ?? []).map((source) => [source] as const);

  test('has examples', () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  describe.each(examples)('%s', (source) => {
    const before = translateText(source);
    const after = simplify(before, [rewrite]);

    test('is rewritten', () => expect(after).not.toEqual(before));

    law.prop([argumentLists], { numRuns: 400 })(`keeps its values: ${rewrite.law}`, (args) => {
      const [a, b] = [evaluate(before, args), evaluate(after, args)];
      expect(HOLDS[rewrite.law](a, b), `${a} became ${b}`).toBe(true);
    });
  });
});

/** Every operation's value, in order. */
const valuesOf = (expr: ScalarExpr, args: readonly number[]): readonly number[] =>
  expr.ops.map((_, result) => evaluate({ ...expr, result }, args));

const isCondition = (op: ScalarOp): boolean => ['lt', 'le', 'gt', 'ge', 'eq', 'ne', 'and', 'or', 'not'].includes(op.op);

describe('simplify', () => {
  law.prop([programs, argumentLists], { numRuns: 1000 })('keeps every bit by its exact rewrites', (program, args) => {
    const expr = translateJavaScript(sourceOf(program));
    const simple = simplify(expr, REWRITES.filter((rewrite) => rewrite.law === 'exact'));
    expect(evaluate(simple, args), print(simple)).toBe(evaluate(expr, args));
  });

  law.prop([programs, argumentLists], { numRuns: 1000 })('keeps every bit where nothing is zero', (program, args) => {
    const expr = translateJavaScript(sourceOf(program));
    const numbers = valuesOf(expr, args).filter((_, at) => !isCondition(expr.ops[at]) && expr.ops[at].op !== 'const');
    fc.pre(!numbers.includes(0));
    const simple = simplify(expr, REWRITES.filter((rewrite) => rewrite.law !== 'rounding'));
    expect(evaluate(simple, args), print(simple)).toBe(evaluate(expr, args));
  });

  law.prop([programs], { numRuns: 600 })('gives well-formed data and has nothing left to do', (program) => {
    const simple = simplify(translateJavaScript(sourceOf(program)));
    expect(faultsOf(simple)).toEqual([]);
    expect(simplify(simple)).toEqual(simple);
  });

  test.each([
    ['(x, y) => x * y + y * x', '(x, y) => { const t0 = x * y; return t0 + t0; }'],
    ['(x) => { const unused = exp(x); return 2 * x * (3 - 2); }', '(x) => 2 * x'],
    ['(x) => 0 * x', '(x) => 0 * x'],
    ['(x) => x / 0', '(x) => x / 0'],
    ['(x) => x + 1 / 0', '(x) => x + 1 / 0'],
    ['(x) => min(x, -0)', '(x) => min(x, -0)'],
  ])('%s becomes %s', (source, simple) => {
    expect(print(simplify(translateText(source)))).toBe(simple);
  });
});
