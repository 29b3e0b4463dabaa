import type ts from 'typescript';
import { unwrap } from './syntax.ts';
import type { Syntax } from './syntax.ts';

/** The value of an object literal of numbers, strings, lists and objects; nothing where it holds anything else. */
export function readLiteral(s: Syntax, node: ts.Expression): unknown {
  const e = unwrap(s, node);
  if (s.isNumericLiteral(e)) return Number(e.text);
  if (s.isStringLiteralLike(e)) return e.text;
  if (s.isArrayLiteralExpression(e)) return e.elements.map((element) => readLiteral(s, element));
  if (s.isObjectLiteralExpression(e)) return Object.fromEntries(e.properties.flatMap((p) => readProperty(s, p)));
  if (!s.isPrefixUnaryExpression(e) || e.operator !== s.SyntaxKind.MinusToken) return undefined;
  const value = readLiteral(s, e.operand);
  return typeof value === 'number' ? -value : undefined;
}

function readProperty(s: Syntax, property: ts.ObjectLiteralElementLike): [string, unknown][] {
  if (!s.isPropertyAssignment(property)) return [];
  const { name, initializer } = property;
  return s.isIdentifier(name) || s.isStringLiteral(name) ? [[name.text, readLiteral(s, initializer)]] : [];
}
