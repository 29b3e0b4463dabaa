import type ts from 'typescript';

/**
 * The part of the TypeScript compiler that the translator needs. Given as a value, because the same translator runs on
 * `typescript` (at run time) and on the compiler inside ts-morph (in a build).
 */
export type Syntax = Pick<typeof ts,
  | 'SyntaxKind' | 'NodeFlags' | 'ScriptTarget' | 'createSourceFile' | 'forEachChild' | 'tokenToString'
  | 'getCombinedNodeFlags'
  | 'isArrowFunction' | 'isFunctionExpression' | 'isFunctionDeclaration' | 'isFunctionLike' | 'isClassDeclaration'
  | 'isBlock' | 'isSourceFile' | 'isReturnStatement' | 'isVariableStatement' | 'isEmptyStatement'
  | 'isExpressionStatement'
  | 'isVariableDeclaration' | 'isVariableDeclarationList' | 'isForStatement' | 'isForInStatement' | 'isForOfStatement'
  | 'isCatchClause' | 'isParameter' | 'isEnumDeclaration' | 'isBindingElement'
  | 'isIdentifier' | 'isNumericLiteral' | 'isStringLiteral' | 'isStringLiteralLike'
  | 'isPrefixUnaryExpression' | 'isBinaryExpression' | 'isConditionalExpression' | 'isCallExpression'
  | 'isPropertyAccessExpression' | 'isParenthesizedExpression' | 'isAsExpression' | 'isSatisfiesExpression'
  | 'isNonNullExpression' | 'isTypeAssertionExpression' | 'isSpreadElement' | 'isTypeNode'
  | 'isTypeParameterDeclaration'
  | 'isObjectLiteralExpression' | 'isArrayLiteralExpression' | 'isPropertyAssignment'
  | 'isImportDeclaration' | 'isImportSpecifier' | 'isImportClause' | 'isNamespaceImport' | 'isNamedImports'
  | 'isExportDeclaration' | 'isExportAssignment' | 'isNamedExports'
>;

/** What `scalar` accepts as its first argument. */
export type FunctionNode = ts.ArrowFunction | ts.FunctionExpression;

/** The expression without what has no meaning at run time: parentheses, `as`, `satisfies`, `!`. */
export function unwrap(s: Syntax, node: ts.Expression): ts.Expression {
  const wrapped = s.isParenthesizedExpression(node) || s.isAsExpression(node) || s.isSatisfiesExpression(node)
    || s.isNonNullExpression(node) || s.isTypeAssertionExpression(node);
  if (wrapped) return unwrap(s, node.expression);
  // Compilers write a call of an imported function as `(0, module.f)(x)`.
  const sequence = s.isBinaryExpression(node) && node.operatorToken.kind === s.SyntaxKind.CommaToken
    && s.isNumericLiteral(node.left);
  return sequence ? unwrap(s, node.right) : node;
}

/** The name that a call calls by: `f` of `f(x)`, `m.f(x)` and `(0, m.f)(x)`. */
export function calleeName(s: Syntax, call: ts.CallExpression): ts.Identifier | undefined {
  const callee = unwrap(s, call.expression);
  if (s.isIdentifier(callee)) return callee;
  return s.isPropertyAccessExpression(callee) && s.isIdentifier(callee.name) ? callee.name : undefined;
}

/**
 * The name under which a local name was exported where it comes from: `scalar` for `s` of `import { scalar as s }`, and
 * for the `scalar$1` of a bundle that holds two of them.
 */
export function importedName(s: Syntax, name: ts.Identifier): string {
  for (const statement of name.getSourceFile().statements) {
    if (!s.isImportDeclaration(statement)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined || !s.isNamedImports(bindings)) continue;
    const found = bindings.elements.find((element) => element.name.text === name.text);
    if (found !== undefined) return (found.propertyName ?? found.name).text;
  }
  return name.text.replace(/\$\d+$/, '');
}

/** The function that a call of `scalar`, `primitive` or `traced` calls; nothing for other calls. */
export function makerOf(s: Syntax, node: ts.Expression): 'scalar' | 'primitive' | 'traced' | undefined {
  if (!s.isCallExpression(node)) return undefined;
  const callee = calleeName(s, node);
  const name = callee === undefined ? undefined : importedName(s, callee);
  return name === 'scalar' || name === 'primitive' || name === 'traced' ? name : undefined;
}

export const isFunctionNode = (s: Syntax, node: ts.Node): node is FunctionNode =>
  s.isArrowFunction(node) || s.isFunctionExpression(node);

/** Words for a kind of syntax: `ArrayLiteralExpression` reads "array literal expression". */
export function describe(s: Syntax, node: ts.Node): string {
  if (s.isStringLiteralLike(node)) return 'string literal';
  const token = s.tokenToString(node.kind);
  if (token !== undefined) return `\`${token}\``;
  return s.SyntaxKind[node.kind].replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
