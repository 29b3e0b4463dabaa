import { describe, expect, test } from 'vitest';
import { print } from '../../dsl/scalar/index.ts';
import { translateFiles, translateText } from './virtual-files.ts';
import type { Files } from './virtual-files.ts';

const SCALAR = "import { scalar } from 'ricci/dsl';\n";

const ok = (name: string, files: Files, same: string): readonly [string, Files, string] => [name, files, same];

describe('names mean what the language says they mean', () => {
  test.each([
    ok('a constant of the file', { '/model.ts': `${SCALAR}const half = 1 / 2;\nscalar((x) => x * half);` },
      '(x) => x * (1 / 2)'),
    ok('a constant of a constant',
      { '/model.ts': `${SCALAR}const a = 2;\nconst b = a * Math.PI;\nscalar((x) => x * b);` },
      `(x) => x * (2 * ${Math.PI})`),
    ok('a parameter hides a constant', { '/model.ts': `${SCALAR}const k = 2;\nscalar((k) => k + 1);` }, '(x) => x + 1'),
    ok('an inner constant hides an outer one',
      { '/model.ts': `${SCALAR}const k = 2;\nfunction f() { const k = 3; return scalar((x) => x * k); }` },
      '(x) => x * 3'),
    ok('a scalar function of the file',
      { '/model.ts': `${SCALAR}const sq = scalar((x) => x * x);\nscalar((x, y) => sq(x + y));` },
      '(x, y) => { const s = x + y; return s * s; }'),
    ok('the callee sees its own file and not the caller',
      { '/model.ts': `${SCALAR}const k = 2;\nconst f = scalar((x) => x * k);\nscalar((k) => f(k));` }, '(x) => x * 2'),
    ok('an import',
      { '/model.ts': `${SCALAR}import { sq } from './lib.ts';\nscalar((x) => sq(x));`,
        '/lib.ts': `${SCALAR}const k = 3;\nexport const sq = scalar((x) => k * x);` }, '(x) => 3 * x'),
    ok('an import by the name of what it compiles to',
      { '/model.ts': `${SCALAR}import { k } from './lib.js';\nscalar((x) => k * x);`,
        '/lib.ts': 'export const k = 3;' },
      '(x) => 3 * x'),
    ok('an import under another name',
      { '/model.ts': `${SCALAR}import { k as three } from './lib.ts';\nscalar((x) => three * x);`,
        '/lib.ts': 'const q = 3; export { q as k };' }, '(x) => 3 * x'),
    ok('a re-export',
      { '/model.ts': `${SCALAR}import { k } from './a.ts';\nscalar((x) => k * x);`,
        '/a.ts': "export { q as k } from './b.ts';", '/b.ts': 'export const q = 3;' }, '(x) => 3 * x'),
    ok('a re-export of everything, in a circle',
      { '/model.ts': `${SCALAR}import { k } from './a.ts';\nscalar((x) => k * x);`,
        '/a.ts': "export * from './model.ts';\nexport * from './b.ts';",
        '/b.ts': "export * from './a.ts';\nexport const k = 3;" },
      '(x) => 3 * x'),
    ok('an import that is exported again',
      { '/model.ts': `${SCALAR}import { k } from './a.ts';\nscalar((x) => k * x);`,
        '/a.ts': "import { q } from './b.ts';\nexport { q as k };", '/b.ts': 'export const q = 3;' }, '(x) => 3 * x'),
    ok('a default export',
      { '/model.ts': `${SCALAR}import sq from './a.ts';\nscalar((x) => sq(x));`,
        '/a.ts': `${SCALAR}export default scalar((x) => x * x);` }, '(x) => x * x'),
    ok('a default export by name',
      { '/model.ts': `${SCALAR}import k from './a.ts';\nscalar((x) => k * x);`,
        '/a.ts': 'const k = 3;\nexport default k;' },
      '(x) => 3 * x'),
    ok('a namespace',
      { '/model.ts': `import * as ricci from 'ricci/dsl';\nimport * as lib from './a.ts';\n`
        + 'ricci.scalar((x) => ricci.exp(lib.k * x));', '/a.ts': 'export const k = 3;' }, '(x) => exp(3 * x)'),
    ok('a function of the library by any way it comes',
      { '/model.ts': `${SCALAR}import { e } from './a.ts';\nscalar((x) => e(x));`,
        '/a.ts': "export { exp as e } from './ricci.ts';" }, '(x) => exp(x)'),
    ok('scalar under another name', { '/model.ts': "import { scalar as s } from 'ricci/dsl';\ns((x) => x + 1);" },
      '(x) => x + 1'),
    ok('what a bundler has renamed',
      { '/model.ts': "const exp$1 = primitive$2('exp');\nconst f$1 = scalar$3((x) => exp$1(x));\n"
        + 'scalar$3((x) => f$1(x));' },
      '(x) => exp(x)'),
    ok('a function of a package, translated beforehand',
      { '/model.ts': `${SCALAR}import { twice } from 'lib';\nscalar((x) => twice(x + 1));`,
        '/lib': 'export const twice = scalar((x) => x * 2, { arity: 1, ops: [{ op: "arg", index: 0 }, '
          + '{ op: "const", value: -2 }, { "op": "mul", "a": 0, "b": 1 }], result: 2 }, "twice");' },
      '(x) => (x + 1) * -2'),
  ])('%s', (_, files, same) => {
    expect(print(translateFiles(files))).toBe(print(translateText(same)));
  });
});
