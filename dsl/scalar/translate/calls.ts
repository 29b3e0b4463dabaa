import type ts from 'typescript';
import { lowerPrimitive, lowerRoundHalfUp, primitiveArity } from '../lower.ts';
import { isPrimitiveName } from '../primitive.ts';
import type { PrimitiveName } from '../primitive.ts';
import { broken, numberOf, report, truthOf, untranslatable } from './context.ts';
import type { Context, Value } from './context.ts';
import { translateFunction } from './function.ts';
import { meaningOf } from './meaning.ts';
import { choose } from './operators.ts';
import { calleeName, unwrap } from './syntax.ts';
import type { FunctionNode } from './syntax.ts';

/** What to write for functions of `Math` that shaders lack or that lose their point in single precision. */
const INSTEAD: { readonly [name: string]: string } = {
  log2: 'write `log(x) / Math.LN2`',
  log10: 'write `log(x) / Math.LN10`',
  log1p: 'write `log(1 + x)`',
  expm1: 'write `exp(x) - 1`',
  tan: 'write `sin(x) / cos(x)`',
  cbrt: 'write `sign(x) * abs(x) ** (1 / 3)`',
  hypot: 'write `sqrt(x * x + y * y)`',
  sinh: 'write `(exp(x) - exp(-x)) / 2`',
  cosh: 'write `(exp(x) + exp(-x)) / 2`',
  random: 'a scalar function depends on its arguments alone',
};

/** Functions of the language that `Math` does not have. */
const OWN: ReadonlySet<string> = new Set<PrimitiveName>(['select', 'toF16']);

export function call(e: ts.CallExpression, c: Context): Value {
  const spread = e.arguments.find((arg) => c.syntax.isSpreadElement(arg));
  if (spread !== undefined) return untranslatable(spread, c, '; write the arguments out');
  const name = calleeName(c.syntax, e);
  if (name === undefined) return untranslatable(e.expression, c, ' as the function of a call');
  const callee = unwrap(c.syntax, e.expression);
  if (c.syntax.isPropertyAccessExpression(callee) && isMath(callee.expression, c)) return mathCall(e, name, c);
  if (c.syntax.isIdentifier(callee) && c.locals.has(name.text)) {
    return report(c, 'call', name, `\`${name.text}\` is a number here and cannot be called.`);
  }
  return namedCall(e, name, c);
}

/** Whether an expression is the global object `Math`. */
export function isMath(node: ts.Expression, c: Context): boolean {
  const e = unwrap(c.syntax, node);
  return c.syntax.isIdentifier(e) && e.text === 'Math' && !c.locals.has('Math')
    && c.resolver.declarationOf(e).kind === 'global';
}

function mathCall(e: ts.CallExpression, name: ts.Identifier, c: Context): Value {
  if (name.text === 'round') {
    if (!checkCount(e, 'Math.round', [1, 1], c)) return broken(c);
    return { at: lowerRoundHalfUp(c.builder, numberOf(e.arguments[0], c)), kind: 'number' };
  }
  if (isPrimitiveName(name.text) && !OWN.has(name.text)) return primitiveCall(e, name.text, c);
  const instead = INSTEAD[name.text] ?? 'it is not among the functions that shaders have';
  return report(c, 'call', name, `\`Math.${name.text}\` cannot be translated; ${instead}.`);
}

function namedCall(e: ts.CallExpression, name: ts.Identifier, c: Context): Value {
  const meaning = meaningOf(c.syntax, c.resolver.declarationOf(name));
  switch (meaning.kind) {
    case 'primitive': return primitiveCall(e, meaning.name, c);
    case 'function': return inlineCall(e, name, meaning.fn, c);
    case 'translated': {
      if (!checkCount(e, name.text, [meaning.expr.arity, meaning.expr.arity], c)) return broken(c);
      return { at: c.builder.inline(meaning.expr, e.arguments.map((arg) => numberOf(arg, c))), kind: 'number' };
    }
    case 'constant':
      return report(c, 'call', name, `\`${name.text}\` is not a scalar function; make it one with \`scalar(…)\`.`);
    case 'global':
      return report(c, 'call', name, `There is no scalar function \`${name.text}\` here; import it or use \`Math\`.`);
    case 'opaque':
      return report(c, 'call', name, `\`${name.text}\` cannot be called in a scalar function: ${meaning.why}.`);
  }
}

function primitiveCall(e: ts.CallExpression, name: PrimitiveName, c: Context): Value {
  if (!checkCount(e, name, primitiveArity(name), c)) return broken(c);
  if (name === 'select') {
    const [cond, then, otherwise] = e.arguments;
    return choose(e, truthOf(cond, c), c.visit(then, c), c.visit(otherwise, c), c);
  }
  return { at: lowerPrimitive(c.builder, name, e.arguments.map((arg) => numberOf(arg, c))), kind: 'number' };
}

function inlineCall(e: ts.CallExpression, name: ts.Identifier, fn: FunctionNode, c: Context): Value {
  if (c.active.has(fn)) {
    return report(c, 'recursion', name, `\`${name.text}\` calls itself; a scalar function has no recursion.`);
  }
  if (!checkCount(e, name.text, [fn.parameters.length, fn.parameters.length], c)) return broken(c);
  const args = e.arguments.map((arg): Value => ({ at: numberOf(arg, c), kind: 'number' }));
  return translateFunction(fn, args, { ...c, active: new Set([...c.active, fn]) });
}

function checkCount(e: ts.CallExpression, name: string, [least, most]: readonly [number, number], c: Context): boolean {
  const given = e.arguments.length;
  if (given >= least && given <= most) return true;
  const wanted = least === most ? `${least}` : `at least ${least}`;
  report(c, 'argumentCount', e, `\`${name}\` takes ${wanted} argument${least === 1 ? '' : 's'}, but got ${given}.`);
  return false;
}
