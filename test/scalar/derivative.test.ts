import { test as law } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RicciError } from '../../dsl/errors.ts';
import type { ScalarExpr } from '../../dsl/scalar/expr.ts';
import { derivative, evaluate, print } from '../../dsl/scalar/index.ts';
import { programs, sourceOf } from './trees.ts';
import { translateJavaScript, translateText } from './virtual-files.ts';
import { faultsOf } from './well-formed.ts';

/** Points that no corner or step of the random functions lies on but by chance of one in thousands. */
const points = fc.array(fc.integer({ min: -30_000, max: 30_000 }).map((n) => n / 9973 + 0.012_345), {
  minLength: 3, maxLength: 3,
});

/** Central differences, fourth order. */
function slope(f: (x: number) => number, x: number, h: number): number {
  return (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h);
}

const close = (a: number, b: number, tolerance: number): boolean =>
  Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));

const DECIDING: ReadonlySet<string> = new Set(['min', 'max', 'lt', 'le', 'gt', 'ge', 'eq', 'ne']);

/** Whether every step is one that the chain rule holds for: no overflow, and no pole, root at zero or tie nearby. */
function isRegular(expr: ScalarExpr, point: readonly number[]): boolean {
  const values = expr.ops.map((_, result) => evaluate({ ...expr, result }, point));
  return expr.ops.every((op, at) => {
    if (!(Math.abs(values[at]) < 1e6)) return false;
    if ('b' in op && DECIDING.has(op.op)) return op.a === op.b || Math.abs(values[op.a] - values[op.b]) > 0.01;
    if (op.op === 'div' || op.op === 'mod') return Math.abs(values[op.b]) > 1e-3;
    if (op.op === 'pow' && expr.ops[op.b].op === 'const') return Math.abs(values[op.a]) > 1e-3;
    // The powers of a negative number have no slope over the exponent.
    return op.op === 'pow' || op.op === 'sqrt' || op.op === 'log' ? values[op.a] > 1e-3 : true;
  });
}

/** Steps of the differences, coarse to fine. */
const STEPS = [1e-3, 3e-4, 1e-4];

/** How often each remainder has wrapped around at a point, and on which of its fine steps each rounding is. */
const turns = (expr: ScalarExpr, point: readonly number[]): readonly number[] => expr.ops.flatMap((op, result) => {
  if (op.op === 'toF16') return [evaluate({ ...expr, result }, point)];
  if (op.op !== 'mod') return [];
  const [a, b] = [op.a, op.b].map((result) => evaluate({ ...expr, result }, point));
  return [Math.trunc(a / b)];
});

/** Whether nothing of these jumps within the reach of the differences: they may agree on a slope that is none. */
function isUnbroken(expr: ScalarExpr, point: readonly number[], argument: number): boolean {
  const here = turns(expr, point).join();
  return STEPS.flatMap((h) => [h, 2 * h, -h, -2 * h]).every((offset) =>
    turns(expr, point.with(argument, point[argument] + offset)).join() === here);
}

describe('derivative of random functions', () => {
  law.prop([programs, points, fc.nat(2)], { numRuns: 3000, maxSkipsPerRun: 50 })(
    'is the limit of central differences, where those have one', (program, point, argument) => {
      const expr = translateJavaScript(sourceOf(program));
      const along = (x: number): number => evaluate(expr, point.with(argument, x));
      const [coarse, middle, fine] = STEPS.map((h) => slope(along, point[argument], h));
      fc.pre(isRegular(expr, point) && isUnbroken(expr, point, argument));
      fc.pre(close(coarse, fine, 1e-7) && close(middle, fine, 1e-7));
      const exact = evaluate(derivative(expr, argument), point);
      expect(close(exact, fine, 1e-5), `${exact} for ${fine}: ${print(expr)}`).toBe(true);
    },
  );

  law.prop([programs, fc.nat(2)], { numRuns: 400 })('is well-formed', (program, argument) => {
    expect(faultsOf(derivative(translateJavaScript(sourceOf(program)), argument))).toEqual([]);
  });
});

/** Function, argument, and its derivative as known from tables. */
const TABLE: readonly (readonly [string, number, (x: number, y: number) => number])[] = [
  ['(x) => -x', 0, () => -1],
  ['(x) => exp(3 * x)', 0, (x) => 3 * Math.exp(3 * x)],
  ['(x) => log(x)', 0, (x) => 1 / x],
  ['(x) => sqrt(x)', 0, (x) => 0.5 / Math.sqrt(x)],
  ['(x) => sin(x * x)', 0, (x) => 2 * x * Math.cos(x * x)],
  ['(x) => cos(2 * x)', 0, (x) => -2 * Math.sin(2 * x)],
  ['(x) => tanh(x)', 0, (x) => 1 / Math.cosh(x) ** 2],
  ['(x) => abs(x)', 0, (x) => Math.sign(x)],
  ['(x) => floor(x) + ceil(x) + round(x) + sign(x) + trunc(x)', 0, () => 0],
  ['(x) => 5', 0, () => 0],
  ['(x, y) => x * y', 0, (_, y) => y],
  ['(x, y) => x * y', 1, (x) => x],
  ['(x, y) => x / y', 0, (_, y) => 1 / y],
  ['(x, y) => x / y', 1, (x, y) => -x / (y * y)],
  ['(x, y) => abs(x) ** y', 0, (x, y) => y * Math.abs(x) ** (y - 1) * Math.sign(x)],
  ['(x, y) => abs(x) ** y', 1, (x, y) => Math.abs(x) ** y * Math.log(Math.abs(x))],
  ['(x) => x ** 3', 0, (x) => 3 * x * x],
  ['(x) => 2 ** x', 0, (x) => Math.LN2 * 2 ** x],
  ['(x) => abs(x) ** abs(x)', 0, (x) => Math.abs(x) ** Math.abs(x) * (Math.log(Math.abs(x)) + 1) * Math.sign(x)],
  ['(x, y) => x % y', 0, () => 1],
  ['(x, y) => x % y', 1, (x, y) => -Math.trunc(x / y)],
  ['(x, y) => min(x, y)', 0, (x, y) => (x < y ? 1 : 0)],
  ['(x, y) => max(x * x, y)', 0, (x, y) => (x * x > y ? 2 * x : 0)],
  ['(x, y) => x > y ? x * x : 3 * x', 0, (x, y) => (x > y ? 2 * x : 3)],
  ['(x) => x / (1 + exp(-x))', 0, (x) => logistic(x) * (1 + x * (1 - logistic(x)))],
  ['(x) => x * x / (1 + exp(-x))', 0, (x) => logistic(x) * (2 * x + x * x * (1 - logistic(x)))],
];

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

describe('derivative of known functions', () => {
  law.prop([fc.constantFrom(...TABLE), points], { numRuns: 1500 })('is the known one', (row, args) => {
    const [source, argument, known] = row;
    const [x, y] = args;
    const computed = evaluate(derivative(translateText(source), argument), args);
    const expected = known(x, y);
    // Logarithm and root of negative numbers are not numbers, and nor are their derivatives.
    if (source.includes('log(x)') || source.includes('sqrt(x)')) fc.pre(x > 0);
    expect(close(computed, expected, 1e-12), `${source} at ${x}, ${y}: ${computed} for ${expected}`).toBe(true);
  });

  test.each([
    ['abs has slope 0 at its corner', '(x) => abs(x)', 0, [0], 0],
    ['of equal operands, max follows the second', '(x, y) => max(x, y)', 1, [2, 2], 1],
    ['of equal operands, min follows the second', '(x, y) => min(x, y)', 0, [2, 2], 0],
    ['a power of zero does not grow with its exponent', '(x, y) => x ** y', 1, [0, 2], 0],
    ['a power of zero to zero does not grow with its exponent', '(x, y) => x ** y', 1, [0, 0], 0],
    ['a zeroth power does not grow with its base', '(x, y) => x ** y', 0, [0, 0], 0],
    ['a power of zero with a negative exponent has no slope', '(x, y) => x ** y', 1, [0, -1], -Infinity],
    ['powers of negative numbers have slopes', '(x) => x ** 2', 0, [-3], -6],
    ['a logistic unit is flat where its exponential overflows', '(x) => x * x / (1 + exp(-x))', 0, [-800], 0],
    ['… and straight where it vanishes', '(x) => x / (1 + exp(-x))', 0, [800], 1],
  ])('%s', (_, source, argument, args, value) => {
    expect(evaluate(derivative(translateText(source), argument), args)).toEqual(value);
  });

  test.each([
    ['(x) => x ** 3', '(x) => 3 * (x * x)'],
    ['(x, y) => x * y', '(x, y) => y'],
    ['(x) => exp(x)', '(x) => exp(x)'],
    ['(x) => tanh(x)', '(x) => { const t0 = tanh(x); return 1 - t0 * t0; }'],
    ['(x, y) => max(x, y)', '(x, y) => x > y ? 1 : 0'],
    ['(x, y) => x ** y', '(x, y) => y === 0 ? 0 : y * x ** (y - 1)'],
    ['(x) => x * x / (1 + exp(-x))',
      '(x) => { const t0 = 1 + exp(-x); return (x + x) / t0 - (1 / t0 - 1) * (x * x / t0); }'],
  ])('of %s reads %s', (source, text) => {
    expect(print(derivative(translateText(source), 0))).toBe(text);
  });

  test('by an argument that is not there is an error', () => {
    const expr = translateText('(x) => x');
    expect(() => derivative(expr, 1)).toThrow(RicciError);
    expect(() => derivative(expr, 1)).toThrow(
      'The scalar function has 1 arguments; there is no argument 1 to differentiate by.\n  Arguments count from 0.',
    );
  });
});
