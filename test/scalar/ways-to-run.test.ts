import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'tsdown';
import type { Rolldown } from 'tsdown';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import type { ViteUserConfig } from 'vitest/config';
import { ricciScalars } from '../../dsl/scalar/build-plugin.ts';
import type { RicciScalarsPlugin } from '../../dsl/scalar/build-plugin.ts';
import { print } from '../../dsl/scalar/index.ts';
import { isScalarExpr } from '../../dsl/scalar/translate/validate.ts';

const PROGRAMS = resolve(import.meta.dirname, 'programs');
const TEXTS = {
  logistic: '(x) => 1 / (1 + exp(-x))',
  swish: `(x) => x * (1 / (1 + exp(-(2 * ${Math.LN2} * x))))`,
  clipped: '(x, y) => { const t0 = min(x, y); return t0 > 1000 ? log(t0) : t0 ** 2 - 1000; }',
  first: '(x) => x + 1',
  second: '(x) => x + 2',
};

/** What the program wrote: its functions as texts. */
function textsIn(output: string): Record<string, string> {
  const report: Record<string, { readonly expr?: unknown }> = JSON.parse(output);
  return Object.fromEntries(Object.entries(report).flatMap(([name, { expr }]) =>
    (isScalarExpr(expr) ? [[name, print(expr)]] : [])));
}

/** Folder outside of the project, from where no installed package is seen. */
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ricci-scalar-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Bundles a program into a folder and gives the path of the result. */
async function bundle(
  outDir: string, entry: string, plugins: RicciScalarsPlugin[], dts: boolean = false,
): Promise<string> {
  await build({
    entry: { main: resolve(PROGRAMS, entry) }, outDir, plugins, dts, config: false, format: 'esm', platform: 'node',
    clean: false, tsconfig: false, logLevel: 'silent', report: false, sourcemap: true,
  });
  return join(outDir, 'main.mjs');
}

test('a program runs from its source under tsx', () => {
  const tsx = createRequire(import.meta.url).resolve('tsx/cli');
  const output = execFileSync(process.execPath, [tsx, join(PROGRAMS, 'main.ts')], { encoding: 'utf8' });
  expect(textsIn(output)).toEqual(TEXTS);
});

describe('a bundle made with the plugin', () => {
  let main = '';
  beforeAll(async () => {
    main = await bundle(join(folder, 'translated'), 'main.ts', [ricciScalars()]);
  });

  test('runs where TypeScript cannot be found', () => {
    const output = execFileSync(process.execPath, [main], { encoding: 'utf8' });
    expect(textsIn(output)).toEqual(TEXTS);
    expect(JSON.parse(output)['called']).toBe(-999);
    expect(() => createRequire(main).resolve('typescript')).toThrow('Cannot find module');
  });

  test('names the functions', () => {
    const report = JSON.parse(execFileSync(process.execPath, [main], { encoding: 'utf8' }));
    expect([report.logistic.label, report.swish.label]).toEqual(['logistic', 'swish']);
  });

  test('holds no compiler and imports none', () => {
    const text = readFileSync(main, 'utf8');
    expect(text).not.toMatch(/from ["'](typescript|ts-morph)["']/);
    expect(text.length).toBeLessThan(100_000);
  });
});

describe('a bundle made without the plugin', () => {
  let main = '';
  beforeAll(async () => {
    main = await bundle(join(folder, 'plain'), 'main.ts', []);
  });

  test('says what is missing where TypeScript cannot be found', () => {
    const { status, stderr } = spawnSync(process.execPath, [main], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain(
      'A scalar function has no translation, and there is no TypeScript compiler here to read its source with.\n'
      + '  Build with the plugin `ricciScalars()`, which translates beforehand, or make the function with `traced`.',
    );
  });

  test('is read as the JavaScript that it is where TypeScript is installed', () => {
    symlinkSync(resolve(import.meta.dirname, '../../node_modules'), join(folder, 'plain', 'node_modules'));
    expect(textsIn(execFileSync(process.execPath, [main], { encoding: 'utf8' }))).toEqual(TEXTS);
  });
});

test('a bundle may call scalar functions of the installed package', async () => {
  const installed = join(folder, 'user/node_modules/ricci');
  await bundle(installed, 'library.ts', [ricciScalars()], true);
  writeFileSync(join(installed, 'package.json'), JSON.stringify({
    name: 'ricci', type: 'module', exports: { './dsl': { types: './main.d.mts', default: './main.mjs' } },
  }));
  const program = join(folder, 'user/program.ts');
  writeFileSync(program, `import { exp, logistic as sigmoid, print, scalar } from 'ricci/dsl';
import * as ricci from 'ricci/dsl';
const f = scalar((x) => sigmoid(2 * x) + ricci.logistic(exp(x)));
console.log(f.label, print(f.expr));
`);
  const main = await bundle(join(folder, 'user/dist'), program, [ricciScalars()]);
  expect(execFileSync(process.execPath, [main], { encoding: 'utf8' }))
    .toBe('f (x) => 1 / (1 + exp(-(2 * x))) + 1 / (1 + exp(-exp(x)))\n');
});

describe('the plugin', () => {
  test('ends the build with every problem of a file', async () => {
    await expect(bundle(join(folder, 'broken'), 'broken.ts', [ricciScalars()])).rejects.toThrow(
      /broken\.ts\(3,36\): error RICCI1004: This property access .*[^]*broken\.ts\(4,41\): error RICCI1006: /,
    );
  });

  const transform = (code: string, name = 'inline.ts') =>
    ricciScalars().transform.handler(code, join(PROGRAMS, name));
  const SCALAR = "import { scalar } from '../../../dsl/scalar/index.ts';\n";

  test('puts the expression and the name into the call', () => {
    expect(transform(`${SCALAR}export const same = scalar((x) => x,);\n`)?.code).toBe(
      `${SCALAR}export const same = scalar((x) => x, `
      + '{"arity":1,"ops":[{"op":"arg","index":0}],"result":0}, "same",);\n',
    );
  });

  test.each([
    ['code that does not mention it', 'export const a = 1;'],
    ['functions of other origin', 'const scalar = (f: unknown) => f;\nexport const a = scalar((x) => [x]);'],
    ['translations that are there', `${SCALAR}export const a = scalar((x) => x, { arity: 1, ops: [], result: 0 });`],
  ])('leaves alone %s', (_, code) => {
    expect(transform(code)).toBeNull();
  });

  test('reads the code that the bundler gives, not the file as it is stored', () => {
    const code = `${SCALAR}import { STEEPNESS as s } from './reexport.ts';\nexport const a = scalar((x) => s * x);`;
    expect(transform(code, 'activations.ts')?.code).toContain('"value":0.6931471805599453');
  });

  test('is a plugin of rolldown, tsdown and Vite', () => {
    expectTypeOf(ricciScalars()).toExtend<Rolldown.Plugin>();
    expectTypeOf([ricciScalars()]).toExtend<NonNullable<ViteUserConfig['plugins']>>();
    expect(ricciScalars()).toMatchObject({ name: 'ricci-scalars', enforce: 'pre' });
  });
});
