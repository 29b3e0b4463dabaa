import type ts from 'typescript';
import { unwrap } from '../translate/syntax.ts';
import type { Syntax } from '../translate/syntax.ts';

/**
 * Text that a function and its compiled form have in common, whatever compiled it: types, comments, layout and
 * parentheses are left out, numbers are written one way, and of `module.name` only the name counts.
 */
export function fingerprint(s: Syntax, node: ts.Node): string {
  if (s.isNumericLiteral(node)) return String(Number(node.text));
  if (s.isIdentifier(node) || s.isStringLiteralLike(node)) return node.text;
  if (s.isPropertyAccessExpression(node)) return node.name.text;
  // Every kind of expression that `unwrap` takes off is one; for other nodes it gives the node itself.
  const bare = unwrap(s, node as ts.Expression);
  if (bare !== node) return fingerprint(s, bare);
  const parts: string[] = [];
  if (s.isPrefixUnaryExpression(node)) parts.push(String(node.operator));
  s.forEachChild(node, (child) => {
    const meaningless = s.isTypeNode(child) || s.isTypeParameterDeclaration(child)
      || child.kind === s.SyntaxKind.EqualsGreaterThanToken;
    if (!meaningless) parts.push(fingerprint(s, child));
  });
  return `${node.kind}(${parts.join(' ')})`;
}

/** The fingerprint of a function value, by the text that the engine keeps of it. */
export function fingerprintOfValue(s: Syntax, fn: (...args: number[]) => number): string | undefined {
  const file = s.createSourceFile('value.ts', `(${String(fn)})`, s.ScriptTarget.Latest, true);
  const [statement] = file.statements;
  if (statement === undefined || !s.isExpressionStatement(statement)) return undefined;
  return fingerprint(s, statement.expression);
}
