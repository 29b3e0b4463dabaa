import { describe, expect, test } from 'vitest';
import { print } from '../../dsl/scalar/index.ts';
import type { NumberFunction } from '../../dsl/scalar/index.ts';
import { callPlace } from '../../dsl/scalar/source/call-place.ts';
import { pathOf } from '../../dsl/scalar/source/host.ts';
import { readScalar } from '../../dsl/scalar/source/read.ts';

const ACTIVATIONS = new URL('./programs/activations.ts', import.meta.url).href;

/** An error whose stack says that it was made in a function called from that place. */
function madeAt(file: string, line: number, column: number): Error {
  const made = new Error('place');
  const frames = ['scalar (/ricci/scalar.ts:1:1)', `${file}:${line}:${column}`, 'new X (/y.ts:2:2)'];
  made.stack = `Error: place\n${frames.map((frame) => `    at ${frame}`).join('\n')}`;
  return made;
}

const logistic: NumberFunction = (x) => 1 / (1 + Math.exp(-x));

describe('the place of a call', () => {
  test.each([
    ['/a/b.ts', '/a/b.ts'],
    ['file:///a/b%20c.ts', '/a/b c.ts'],
    ['file:///a/b.ts?t=123', '/a/b.ts'],
    ['async Promise.all (/a/b.ts', '/a/b.ts'],
  ])('in %s', (written, path) => {
    const made = madeAt(written, 3, 7);
    if (written.includes('(')) made.stack = made.stack?.replace(':3:7', ':3:7)') ?? '';
    expect(callPlace(made)).toEqual({ file: path, line: 3, column: 7 });
  });

  test('is not known from other kinds of stacks', () => {
    expect(callPlace(Object.assign(new Error('x'), { stack: 'scalar@a.js:1:1\nf@b.js:2:2' }))).toBeUndefined();
  });
});

describe('the call that made a function', () => {
  test('is the one at the place', () => {
    const { expr, label } = readScalar(logistic, madeAt(ACTIVATIONS, 10, 25));
    expect(print(expr)).toBe('(x) => 1 / (1 + exp(-x))');
    expect(label).toBe('logistic');
  });

  test('is found by its text when the place is wrong', () => {
    expect(readScalar(logistic, madeAt(ACTIVATIONS, 1, 1)).label).toBe('logistic');
  });

  test('is found by its place and its values when a tool has rewritten the function, as for coverage', () => {
    let count = 0;
    const counted: NumberFunction = (x) => {
      count += 1;
      return 1 / (1 + Math.exp(-x));
    };
    expect(readScalar(counted, madeAt(ACTIVATIONS, 10, 25)).label).toBe('logistic');
    expect(count).toBeGreaterThan(0);
  });

  test.each([
    ['another function stands at the place', (x: number) => x + 1, ACTIVATIONS, 10, 25,
      'the file holds no such call; it may have changed since it was loaded.'],
    ['the function takes other arguments', (x: number, y: number) => (y > 0 ? x : logistic(x)), ACTIVATIONS, 10, 25,
      'the file holds no such call; it may have changed since it was loaded.'],
    ['there is no file', logistic, '/nowhere/x.ts', 1, 1, 'there is no such file.'],
  ])('is not found where %s', (_, fn, file, line, column, why) => {
    expect(() => readScalar(fn, madeAt(file, line, column))).toThrow(
      `The source of the scalar function \`${String(fn)}\` was not found: ${why}\n`
      + '  Turn source maps on, or build with the plugin `ricciScalars()`, or make the function with `traced`.\n'
      + `  at ${pathOf(file)}:${line}:${column}`,
    );
  });
});
