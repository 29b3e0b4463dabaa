import { describe, expect, test } from 'vitest';
import { RicciError } from '../../dsl/errors.ts';
import { translateFiles } from './virtual-files.ts';
import type { Files } from './virtual-files.ts';

function errorOf(files: Files): RicciError {
  try {
    translateFiles(files);
  } catch (error) {
    if (error instanceof RicciError) return error;
    throw error;
  }
  throw new Error('it was translated');
}

const errorIn = (source: string): RicciError =>
  errorOf({ '/model.ts': `import { exp, scalar, select } from 'ricci/dsl';\n${source}` });

/** Place, code and sentence of each diagnostic. */
const headsOf = (error: RicciError): readonly string[] => error.message.match(/^.*RICCI.*$/gm) ?? [];

test('a diagnostic has TypeScript’s form, with a code frame', () => {
  const error = errorIn(
    'export const f = scalar((x) => {\n  let y = 0;\n  for (let i = 0; i < 3; i++) y += x;\n  return y;\n});\n',
  );
  expect(error.code).toBe('scalar/not-translatable');
  expect(error.place).toEqual({ file: '/model.ts', line: 3, column: 3 });
  expect(error.message).toBe([
    '/model.ts(3,3): error RICCI1003: `let` statements cannot be translated to a scalar expression; '
      + 'names keep their values; write `const`.',
    '',
    '3   let y = 0;',
    '    ~~~~~~~~~~',
    '',
    '/model.ts(4,3): error RICCI1003: `for` statements cannot be translated to a scalar expression; '
      + 'write the terms out.',
    '',
    '4   for (let i = 0; i < 3; i++) y += x;',
    '    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~',
    '',
    '  A scalar function holds arithmetic, ternaries, const locals, Math.* and calls of other scalar functions.',
    '  at /model.ts:3:3',
  ].join('\n'));
});

test('a diagnostic is about the file that holds the fault', () => {
  const error = errorOf({
    '/model.ts': "import { scalar } from 'ricci/dsl';\nimport { f } from './lib.ts';\nscalar((x) => f(x));",
    '/lib.ts': "import { scalar } from 'ricci/dsl';\nexport const f = scalar((x) => x + 'a');",
  });
  expect(headsOf(error)).toEqual(['/lib.ts(2,36): error RICCI1004: This string literal cannot be translated.']);
});

describe('sentences', () => {
  test.each([
    ['const f = (x: number) => x;\nscalar(f);', '(3,8): error RICCI1001: The function has to be written in place, '
      + 'as in `scalar((x) => x * x)`.'],
    ['scalar(async (x) => x);', '(2,8): error RICCI1001: A scalar function cannot be `async` or a generator.'],
    ['scalar(([x]) => x);', '(2,9): error RICCI1002: A parameter has to be a plain name; '
      + 'every argument is a number and is given.'],
    ['scalar((x = 1) => 2);', '(2,9): error RICCI1002: A parameter has to be a plain name; '
      + 'every argument is a number and is given.'],
    ['scalar((x) => { if (x > 0) return 1; return 2; });',
      '(2,17): error RICCI1003: `if` statements cannot be translated '
      + 'to a scalar expression; write a ternary, `condition ? a : b`.'],
    ['scalar((x) => { while (true) {} return x; });',
      '(2,17): error RICCI1003: `while` statements cannot be translated '
      + 'to a scalar expression; write the terms out.'],
    ['scalar((x) => { exp(x); return x; });',
      '(2,17): error RICCI1003: Statements without a value cannot be translated '
      + 'to a scalar expression; a scalar function has no effects.'],
    ['scalar((x) => { const { y } = { y: 1 }; return x; });', '(2,23): error RICCI1003: '
      + 'A `const` has to be one name with one value.'],
    ['scalar((x) => { return x; const y = x; });', '(2,27): error RICCI1003: There is code after `return`; '
      + 'one `return` at the end gives the value.'],
    ['scalar((x) => [x]);', '(2,15): error RICCI1004: This array literal expression cannot be translated.'],
    ['scalar((x) => x | 1);', '(2,17): error RICCI1004: The operator `|` cannot be translated; '
      + 'numbers are floating-point here.'],
    ['scalar((x) => (x += 1));', '(2,18): error RICCI1004: The operator `+=` cannot be translated; '
      + 'names keep their values; write a `const` for each step.'],
    ['scalar((x) => ++x);', '(2,15): error RICCI1004: The operator `++` cannot be translated; '
      + 'names keep their values; write a `const` for each step.'],
    ['scalar((x) => true ? x : 1);', '(2,15): error RICCI1004: This `true` cannot be translated: '
      + 'conditions are comparisons.'],
    ['scalar((x) => (x > 0 ? x : x > 1) > 2 ? 1 : 2);',
      '(2,16): error RICCI1004: This conditional expression cannot be '
      + 'translated: one branch is a number and the other a truth value.'],
    ['const o = { k: 1 };\nscalar((x) => x * o.k);',
      '(3,19): error RICCI1004: This property access expression cannot be '
      + 'translated; take the number out as an argument or a module-level `const`.'],
    ['const a = [1, 2];\nscalar((x) => exp(...a));', '(3,19): error RICCI1004: This spread element cannot be '
      + 'translated; write the arguments out.'],
    ['scalar((x) => x * y);', '(2,19): error RICCI1005: There is no `y` here; '
      + 'a name is a parameter, a `const` or an import.'],
    ['let k = 1;\nscalar((x) => x * k);', '(3,19): error RICCI1005: `k` cannot be used in a scalar function: '
      + 'its value may change; declare it `const`.'],
    ['const make = (k: number) => scalar((x) => x * k);', '(2,47): error RICCI1005: `k` cannot be used in a scalar '
      + 'function: it is a parameter of an enclosing function; make it an argument.'],
    ['scalar((x) => exp * x);', '(2,15): error RICCI1005: `exp` is a function; call it with its arguments.'],
    ['scalar((x) => Math.exp);', '(2,15): error RICCI1005: `Math.exp` is not a constant; call it with its arguments.'],
    ['scalar((x) => { const a = b; const b = x; return a; });', '(2,27): error RICCI1005: '
      + '`b` is used before it has a value.'],
    ["import { k } from './none.ts';\nscalar((x) => x * k);", '(3,19): error RICCI1005: `k` cannot be used in a scalar '
      + "function: the module './none.ts' was not found from /model.ts."],
    ["import { k } from './ricci.ts';\nscalar((x) => x * k);",
      '(3,19): error RICCI1005: `k` cannot be used in a scalar '
      + "function: the module './ricci.ts' does not export `k`."],
    ['scalar((x) => Math.log2(x));', '(2,20): error RICCI1006: `Math.log2` cannot be translated; '
      + 'write `log(x) / Math.LN2`.'],
    ['scalar((x) => Math.clz32(x));', '(2,20): error RICCI1006: `Math.clz32` cannot be translated; '
      + 'it is not among the functions that shaders have.'],
    ['scalar((x) => x(1));', '(2,15): error RICCI1006: `x` is a number here and cannot be called.'],
    ['const k = 2;\nscalar((x) => k(x));', '(3,15): error RICCI1006: `k` is not a scalar function; '
      + 'make it one with `scalar(…)`.'],
    ['function f(x: number) { return x; }\nscalar((x) => f(x));', '(3,15): error RICCI1006: `f` cannot be called in a '
      + 'scalar function: it is an ordinary function; wrap it in `scalar(…)`.'],
    ["const f = traced(1, (x) => x);\nscalar((x) => f(x));", '(3,15): error RICCI1006: `f` cannot be called in a '
      + 'scalar function: it is made by `traced`, whose operations are not in the source.'],
    ['scalar((x) => sinus(x));', '(2,15): error RICCI1006: There is no scalar function `sinus` here; '
      + 'import it or use `Math`.'],
    ['scalar((x) => exp(x, 1));', '(2,15): error RICCI1007: `exp` takes 1 argument, but got 2.'],
    ['scalar((x) => select(x > 0, 1));', '(2,15): error RICCI1007: `select` takes 3 arguments, but got 2.'],
    ['scalar((x) => Math.max());', '(2,15): error RICCI1007: `max` takes at least 1 argument, but got 0.'],
    ['const f = scalar((x, y) => x);\nscalar((x) => f(x));',
      '(3,15): error RICCI1007: `f` takes 2 arguments, but got 1.'],
    ['scalar((x) => x + (x > 0));', '(2,19): error RICCI1008: A truth value cannot be used as a number; '
      + 'write `condition ? 1 : 0`.'],
    ['scalar((x) => x > 0);', '(2,15): error RICCI1008: A truth value cannot be used as a number; '
      + 'write `condition ? 1 : 0`.'],
    ['scalar((x) => x ? 1 : 2);', '(2,15): error RICCI1009: A number cannot be used as a condition; '
      + 'write a comparison such as `x !== 0`.'],
    ['const f = scalar((x) => f(x));\nf(1);', '(2,25): error RICCI1010: `f` calls itself; '
      + 'a scalar function has no recursion.'],
    ['const a = 1 + b;\nconst b = a;\nscalar((x) => a);', '(3,11): error RICCI1010: `a` is defined by itself.'],
    ['scalar((x) => Infinity * x);', '(2,15): error RICCI1011: `Infinity` is not a finite number, and shaders have no '
      + 'other; write a large one such as 3e38.'],
    ['scalar((x) => 1e999);', '(2,15): error RICCI1011: `1e999` is not a finite number, and shaders have no '
      + 'other; write a large one such as 3e38.'],
    ['scalar((x) => { const y = x; });',
      '(2,15): error RICCI1012: The function has to end with `return` and a number.'],
  ])('%s', (source, head) => {
    expect(headsOf(errorIn(source))).toEqual([`/model.ts${head}`]);
  });
});
