import type { ScalarExpr } from './expr.ts';
import { makeScalarFn } from './scalar-fn.ts';
import type { NumberFunction, ScalarFn } from './scalar-fn.ts';
import { readScalar } from './source/read.ts';

/**
 * A scalar function, written as plain TypeScript:
 *
 *     const iswiglu = scalar((x) => x * x / (1 + exp(-x)));
 *
 * Arithmetic, comparisons and logic in ternary conditions, `const` locals, `Math.*`, the functions of `math.ts`,
 * module-level `const` numbers and calls of other scalar functions are understood. The result is called like the
 * function itself; its `expr` is made from the source text on first read, unless `translated` is given. The build
 * plugin gives it (with the variable's name as `label`), so a built program needs no source and no TypeScript.
 *
 * Reading `expr` throws RicciError `scalar/not-translatable` (a list of diagnostics with code frames),
 * `scalar/source-not-found` (the call could not be found in its file) or `scalar/no-typescript`.
 */
export function scalar<F extends NumberFunction>(fn: F, translated?: ScalarExpr, label?: string): ScalarFn<F> {
  const name = label ?? (fn.name === '' ? undefined : fn.name);
  if (translated !== undefined) {
    return makeScalarFn(fn, () => ({ expr: translated, label: name ?? 'scalar function' }), name);
  }
  // Engines write an error's stack out only when it is read, so keeping the object is the cheap way to keep a place.
  const call = new Error('place of a scalar function');
  return makeScalarFn(fn, () => readScalar(fn, call), name);
}
