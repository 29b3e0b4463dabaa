import type ts from 'typescript';
import { ExprBuilder } from '../builder.ts';
import type { ScalarExpr } from '../expr.ts';
import type { Context, Value } from './context.ts';
import { visit } from './expression.ts';
import { translateFunction } from './function.ts';
import type { Resolver } from './meaning.ts';
import { notTranslatable } from './problem.ts';
import type { Problem } from './problem.ts';
import { isFunctionNode, unwrap } from './syntax.ts';
import type { Syntax } from './syntax.ts';

export type Translated =
  | { readonly expr: ScalarExpr; readonly problems: readonly [] }
  | { readonly expr?: never; readonly problems: readonly Problem[] };

/** The expression of the function in a call of `scalar`, or everything that stands in its way. */
export function tryTranslate(call: ts.CallExpression, syntax: Syntax, resolver: Resolver): Translated {
  const [given] = call.arguments;
  const fn = given === undefined ? undefined : unwrap(syntax, given);
  if (fn === undefined || !isFunctionNode(syntax, fn)) {
    const message = 'The function has to be written in place, as in `scalar((x) => x * x)`.';
    return { problems: [{ kind: 'notAFunction', node: fn ?? call, message }] };
  }
  const builder = new ExprBuilder();
  const problems: Problem[] = [];
  const context: Context = { syntax, resolver, builder, problems, visit, locals: new Map(), active: new Set([fn]) };
  const args = fn.parameters.map((_, index): Value => ({ at: builder.emit({ op: 'arg', index }), kind: 'number' }));
  const result = translateFunction(fn, args, context);
  return problems.length > 0 ? { problems } : { expr: builder.finish(args.length, result.at), problems: [] };
}

/** As `tryTranslate`; throws RicciError `scalar/not-translatable` that lists every problem. */
export function translate(call: ts.CallExpression, syntax: Syntax, resolver: Resolver): ScalarExpr {
  const translated = tryTranslate(call, syntax, resolver);
  if (translated.expr === undefined) throw notTranslatable(translated.problems);
  return translated.expr;
}
