import ts from 'typescript';
import type { ScalarExpr } from '../../dsl/scalar/expr.ts';
import { scalarCalls } from '../../dsl/scalar/source/find-call.ts';
import { Modules } from '../../dsl/scalar/source/modules.ts';
import { translate } from '../../dsl/scalar/translate/translate.ts';

export type Files = Readonly<Record<string, string>>;

/** Stands for Ricci's own modules in files that exist only in a test. */
const RICCI = `
export const exp = primitive('exp');
export const round = primitive('round');
`;

/** A reader of files that exist only here; `./ricci.ts` among them exports two of the functions. */
export function virtualModules(files: Files): Modules {
  const all: Files = { '/ricci.ts': RICCI, ...files };
  return new Modules(ts, {
    read: (file) => all[file],
    join: (from, relative) => new URL(relative, `file://${from}`).pathname,
    resolvePackage: (specifier) => (all[`/${specifier}`] === undefined ? undefined : `/${specifier}`),
  });
}

/** Translates the last call of `scalar` in a file. */
export function translateFiles(files: Files, main = '/model.ts'): ScalarExpr {
  const modules = virtualModules(files);
  const file = modules.parse(main);
  const call = file === undefined ? undefined : scalarCalls(ts, file).at(-1);
  if (call === undefined) throw new Error('the files hold no scalar function');
  return translate(call, ts, modules);
}

const IMPORT = `import {
  abs, ceil, cos, exp, floor, log, max, min, pow, round, scalar, select, sign, sin, sqrt, tanh, toF16, trunc,
} from 'ricci/dsl';
`;

/** Translates one function, for which every function of the library is imported. */
export const translateText = (fn: string): ScalarExpr => translateFiles({ '/model.ts': `${IMPORT}scalar(${fn});\n` });

/** As JavaScript, where `a < (b) > (c)` is two comparisons: in TypeScript it is a call with a type argument. */
export const translateJavaScript = (fn: string): ScalarExpr =>
  translateFiles({ '/model.js': `${IMPORT}scalar(${fn});\n` }, '/model.js');
