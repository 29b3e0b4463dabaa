import { test as law } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate, print, traced } from '../../dsl/scalar/index.ts';
import { isScalarExpr } from '../../dsl/scalar/translate/validate.ts';
import { argumentLists, buildOf, programs, run, sourceOf } from './trees.ts';
import { translateJavaScript, translateText } from './virtual-files.ts';
import { faultsOf } from './well-formed.ts';

describe('translation of source text', () => {
  law.prop([programs, fc.array(argumentLists, { minLength: 1, maxLength: 8 })], { numRuns: 1500 })(
    'computes, bit by bit, what running the source computes', (program, lists) => {
      const source = sourceOf(program);
      const [expr, fn] = [translateJavaScript(source), run(source)];
      for (const [x, y, z] of lists) expect(evaluate(expr, [x, y, z]), source).toBe(fn(x, y, z));
    },
  );

  law.prop([programs], { numRuns: 600 })('gives well-formed plain JSON', (program) => {
    const expr = translateJavaScript(sourceOf(program));
    expect(faultsOf(expr)).toEqual([]);
    expect(JSON.parse(JSON.stringify(expr))).toEqual(expr);
    expect(isScalarExpr(expr)).toBe(true);
  });

  law.prop([programs], { numRuns: 600 })('is what tracing the same function gives', (program) => {
    expect(traced(3, buildOf(program)).expr).toEqual(translateJavaScript(sourceOf(program)));
  });

  law.prop([programs, argumentLists], { numRuns: 600 })('survives printing', (program, args) => {
    const expr = translateJavaScript(sourceOf(program));
    expect(evaluate(translateJavaScript(print(expr)), args), print(expr)).toBe(evaluate(expr, args));
  });
});

describe('Math.round', () => {
  law.prop([fc.oneof(fc.double(), fc.double({ min: -4, max: 4 }), fc.integer({ min: -9, max: 9 }).map((n) => n / 2))], {
    numRuns: 2000,
  })('is exact, ties and signed zeros included', (x) => {
    expect(evaluate(translateText('(x) => Math.round(x)'), [x])).toBe(Math.round(x));
  });

  test('takes ties up, where `round` takes them to even', () => {
    expect(evaluate(translateText('(x) => Math.round(x)'), [2.5])).toBe(3);
    expect(evaluate(translateText('(x) => round(x)'), [2.5])).toBe(2);
  });
});

describe('data of known functions', () => {
  test('x * x / (1 + exp(-x))', () => {
    expect(translateText('(x) => x * x / (1 + exp(-x))')).toEqual({
      arity: 1,
      ops: [
        { op: 'arg', index: 0 },
        { op: 'mul', a: 0, b: 0 },
        { op: 'const', value: 1 },
        { op: 'neg', a: 0 },
        { op: 'exp', a: 3 },
        { op: 'add', a: 2, b: 4 },
        { op: 'div', a: 1, b: 5 },
      ],
      result: 6,
    });
  });

  test.each([
    ['types, parentheses and assertions have no meaning',
      '(x: number): number => ((x as number)! + (1 satisfies number))',
      '(x) => x + 1'],
    ['a function expression is a function', 'function (a) { return a + 1; }', '(x) => x + 1'],
    ['a negative literal is one constant', '(x) => x * -2', '(x) => x * -2'],
    ['numbers in every notation', '(x) => x + 1_000 + 0x10 + 0b11 + 1e-3', '(x) => x + 1000 + 16 + 3 + 0.001'],
    ['constants of Math', '(x) => x * Math.PI', `(x) => x * ${Math.PI}`],
    ['functions of Math are the functions of the library', '(x) => Math.tanh(Math.exp(x))', '(x) => tanh(exp(x))'],
    ['min and max take any number', '(x, y, z) => max(x, y, z, 0)', '(x, y, z) => max(max(max(x, y), z), 0)'],
    ['select is the ternary', '(x, y) => select(x > y, x, y)', '(x, y) => x > y ? x : y'],
    ['== is ===', '(x) => x == 1 ? 1 : 2', '(x) => x === 1 ? 1 : 2'],
    ['locals may be conditions', '(x) => { const in1 = x > 0 && x < 1; return in1 ? x : 0; }',
      '(x) => x > 0 && x < 1 ? x : 0'],
    ['a choice of conditions is logic', '(x, y) => (x > 0 ? y > 0 : y < 0) ? 1 : 2',
      '(x, y) => (x > 0 && y > 0) || (!(x > 0) && y < 0) ? 1 : 2'],
    ['plus has no meaning before a number', '(x) => +x', '(x) => x'],
    ['unused parameters count', '(x, y) => x', '(a, b) => a'],
  ])('%s', (_, source, same) => {
    expect(translateText(source)).toEqual(translateText(same));
  });
});
