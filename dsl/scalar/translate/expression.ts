import type ts from 'typescript';
import { call, isMath } from './calls.ts';
import { numberOf, report, untranslatable } from './context.ts';
import type { Context, Value } from './context.ts';
import { meaningOf } from './meaning.ts';
import { binary, conditional, prefix } from './operators.ts';
import { unwrap } from './syntax.ts';

/** Constants of `Math`, by name: the language's own values. */
const MATH_CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['E', Math.E], ['LN2', Math.LN2], ['LN10', Math.LN10], ['LOG2E', Math.LOG2E], ['LOG10E', Math.LOG10E],
  ['PI', Math.PI], ['SQRT1_2', Math.SQRT1_2], ['SQRT2', Math.SQRT2],
]);

/** Any expression, in the context of the function around it. */
export function visit(node: ts.Expression, c: Context): Value {
  const s = c.syntax;
  const e = unwrap(s, node);
  if (s.isNumericLiteral(e)) return literal(e, c);
  if (s.isIdentifier(e)) return identifier(e, c);
  if (s.isPrefixUnaryExpression(e)) return prefix(e, c);
  if (s.isBinaryExpression(e)) return binary(e, c);
  if (s.isConditionalExpression(e)) return conditional(e, c);
  if (s.isPropertyAccessExpression(e)) return property(e, c);
  if (s.isCallExpression(e)) return call(e, c);
  const truth = e.kind === s.SyntaxKind.TrueKeyword || e.kind === s.SyntaxKind.FalseKeyword;
  return untranslatable(e, c, truth ? ': conditions are comparisons' : '');
}

function literal(e: ts.NumericLiteral, c: Context): Value {
  const value = Number(e.text);
  return Number.isFinite(value) ? { at: c.builder.constant(value), kind: 'number' } : notFinite(e, c);
}

const notFinite = (e: ts.Node, c: Context): Value => report(c, 'number', e,
  `\`${e.getText()}\` is not a finite number, and shaders have no other; write a large one such as 3e38.`);

function identifier(e: ts.Identifier, c: Context): Value {
  const local = c.locals.get(e.text);
  if (local === 'later') return report(c, 'name', e, `\`${e.text}\` is used before it has a value.`);
  return local ?? named(e, c);
}

function named(e: ts.Identifier, c: Context): Value {
  const meaning = meaningOf(c.syntax, c.resolver.declarationOf(e));
  switch (meaning.kind) {
    case 'constant': return constant(e, meaning.initializer, c);
    case 'primitive': case 'function': case 'translated':
      return report(c, 'name', e, `\`${e.text}\` is a function; call it with its arguments.`);
    case 'global':
      if (e.text === 'Infinity' || e.text === 'NaN') return notFinite(e, c);
      return report(c, 'name', e, `There is no \`${e.text}\` here; a name is a parameter, a \`const\` or an import.`);
    case 'opaque': return report(c, 'name', e, `\`${e.text}\` cannot be used in a scalar function: ${meaning.why}.`);
  }
}

/** A constant is expanded where it is used, and its problems are reported where it is written. */
function constant(e: ts.Identifier, initializer: ts.Expression, c: Context): Value {
  if (c.active.has(initializer)) return report(c, 'recursion', e, `\`${e.text}\` is defined by itself.`);
  const outside: Context = { ...c, locals: new Map(), active: new Set([...c.active, initializer]) };
  return { at: numberOf(initializer, outside), kind: 'number' };
}

function property(e: ts.PropertyAccessExpression, c: Context): Value {
  if (isMath(e.expression, c)) {
    const value = MATH_CONSTANTS.get(e.name.text);
    if (value !== undefined) return { at: c.builder.constant(value), kind: 'number' };
    return report(c, 'name', e, `\`Math.${e.name.text}\` is not a constant; call it with its arguments.`);
  }
  if (!c.syntax.isIdentifier(e.name)) return untranslatable(e, c);
  const declaration = c.resolver.declarationOf(e.name);
  if (declaration.kind === 'global' || declaration.kind === 'unresolved') {
    return untranslatable(e, c, '; take the number out as an argument or a module-level `const`');
  }
  return named(e.name, c);
}
