import type ts from 'typescript';
import { RicciError } from '../../errors.ts';
import type { Place } from '../../errors.ts';
import { evaluate } from '../expr.ts';
import type { ScalarExpr } from '../expr.ts';
import type { NumberFunction, Translation } from '../scalar-fn.ts';
import { translate, tryTranslate } from '../translate/translate.ts';
import type { Syntax } from '../translate/syntax.ts';
import { callPlace } from './call-place.ts';
import { findCall } from './find-call.ts';
import { fingerprintOfValue } from './fingerprint.ts';
import { loadTypeScript, nodeHost } from './host.ts';
import { Modules } from './modules.ts';

/**
 * Translates a function from the source text of the call that made it.
 * @throws RicciError `scalar/no-typescript`, `scalar/source-not-found` or `scalar/not-translatable`
 */
export function readScalar(fn: NumberFunction, made: Error): Translation {
  const place = callPlace(made);
  const syntax = loadTypeScript(place?.file);
  const host = nodeHost();
  if (place === undefined || host === undefined) throw sourceNotFound(fn, place, 'the engine does not tell its place');
  const modules = new Modules(syntax, host);
  const file = modules.parse(place.file);
  if (file === undefined) throw sourceNotFound(fn, place, 'there is no such file');
  const { atPlace, byText } = findCall(syntax, file, place, fingerprintOfValue(syntax, fn));
  if (byText !== undefined) return { expr: translate(byText, syntax, modules), label: labelOf(syntax, byText) };
  // A tool that rewrites functions, such as one that counts coverage, leaves the place right and the text different.
  const expr = atPlace === undefined ? undefined : tryTranslate(atPlace, syntax, modules).expr;
  if (atPlace !== undefined && expr !== undefined && agrees(fn, expr)) return { expr, label: labelOf(syntax, atPlace) };
  throw sourceNotFound(fn, place, 'the file holds no such call; it may have changed since it was loaded');
}

/** The variable that holds the function names it. */
export function labelOf(s: Syntax, call: ts.CallExpression): string {
  const { parent } = call;
  return s.isVariableDeclaration(parent) && s.isIdentifier(parent.name) ? parent.name.text : 'scalar function';
}

const SAMPLES = [-2.5, -1, -0.3, 0, 0.7, 1, 3.2, 11];

/** Whether function and expression give the same numbers on samples, up to how a compiler may have rewritten them. */
function agrees(fn: NumberFunction, expr: ScalarExpr): boolean {
  if (fn.length !== expr.arity) return false;
  return SAMPLES.every((_, shift) => {
    const args = Array.from({ length: expr.arity }, (__, i) => SAMPLES[(shift + i * 3) % SAMPLES.length]);
    const [a, b] = [fn(...args), evaluate(expr, args)];
    return Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-12 * Math.abs(a);
  });
}

function sourceNotFound(fn: NumberFunction, place: Place | undefined, why: string): RicciError {
  return new RicciError({
    code: 'scalar/source-not-found',
    message: `The source of the scalar function \`${String(fn)}\` was not found: ${why}.`,
    hint: 'Turn source maps on, or build with the plugin `ricciScalars()`, or make the function with `traced`.',
    place,
  });
}
