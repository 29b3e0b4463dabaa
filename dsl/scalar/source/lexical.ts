import type ts from 'typescript';
import type { Syntax } from '../translate/syntax.ts';

/** The declaration that a name means by the scopes around it; nothing for names that the file does not declare. */
export function lexicalDeclaration(s: Syntax, name: ts.Identifier): ts.Node | undefined {
  for (let node: ts.Node = name.parent; ; node = node.parent) {
    const found = declaredIn(s, node, name.text);
    if (found !== undefined) return found;
    if (s.isSourceFile(node)) return undefined;
  }
}

/** A declaration of the scope that `node` opens. */
export function declaredIn(s: Syntax, node: ts.Node, name: string): ts.Node | undefined {
  if (s.isSourceFile(node) || s.isBlock(node)) return firstOf(node.statements, (x) => declaredBy(s, x, name));
  if (s.isFunctionLike(node)) return firstOf(node.parameters, (parameter) => bound(s, parameter, name));
  if (s.isForStatement(node) || s.isForInStatement(node) || s.isForOfStatement(node)) {
    const { initializer } = node;
    return initializer !== undefined && s.isVariableDeclarationList(initializer)
      ? firstOf(initializer.declarations, (declaration) => bound(s, declaration, name))
      : undefined;
  }
  if (s.isCatchClause(node) && node.variableDeclaration !== undefined) return bound(s, node.variableDeclaration, name);
  return undefined;
}

/** A declaration that one statement makes. */
function declaredBy(s: Syntax, statement: ts.Statement, name: string): ts.Node | undefined {
  if (s.isVariableStatement(statement)) {
    return firstOf(statement.declarationList.declarations, (declaration) => bound(s, declaration, name));
  }
  if (s.isImportDeclaration(statement)) return importedBy(s, statement, name);
  const named = s.isFunctionDeclaration(statement) || s.isClassDeclaration(statement) || s.isEnumDeclaration(statement);
  return named && statement.name?.text === name ? statement : undefined;
}

function importedBy(s: Syntax, statement: ts.ImportDeclaration, name: string): ts.Node | undefined {
  const clause = statement.importClause;
  if (clause?.name?.text === name) return clause;
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return undefined;
  if (s.isNamespaceImport(bindings)) return bindings.name.text === name ? bindings : undefined;
  return bindings.elements.find((element) => element.name.text === name);
}

/** The declaration itself, or the piece of its pattern that binds the name. */
function bound(
  s: Syntax, declaration: ts.VariableDeclaration | ts.ParameterDeclaration | ts.BindingElement, name: string,
): ts.Node | undefined {
  const target = declaration.name;
  if (s.isIdentifier(target)) return target.text === name ? declaration : undefined;
  return firstOf(target.elements, (element) => (s.isBindingElement(element) ? bound(s, element, name) : undefined));
}

function firstOf<T, R>(items: Iterable<T>, find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
