import type ts from 'typescript';
import { broken, numberOf, report } from './context.ts';
import type { Context, Value } from './context.ts';
import type { FunctionNode } from './syntax.ts';

type Locals = Map<string, Value | 'later'>;

/** What to write in place of statements. */
const INSTEAD: { readonly [keyword: string]: string } = {
  if: 'write a ternary, `condition ? a : b`',
  switch: 'write a ternary, `condition ? a : b`',
  for: 'write the terms out',
  while: 'write the terms out',
  do: 'write the terms out',
  let: 'names keep their values; write `const`',
  var: 'names keep their values; write `const`',
  function: 'write a scalar function of its own',
  return: 'one `return` at the end gives the value',
};

/** The value of the function for the given argument values. Sees none of the caller's locals. */
export function translateFunction(fn: FunctionNode, args: readonly Value[], c: Context): Value {
  if (fn.modifiers !== undefined || fn.asteriskToken !== undefined) {
    return report(c, 'notAFunction', fn, 'A scalar function cannot be `async` or a generator.');
  }
  const locals = bind(fn.parameters, args, c);
  if (locals === undefined) return broken(c);
  const inside: Context = { ...c, locals };
  if (c.syntax.isBlock(fn.body)) return block(fn.body, locals, inside);
  return { at: numberOf(fn.body, inside), kind: 'number' };
}

/** The parameters with their values; nothing where one of them was reported. */
function bind(parameters: readonly ts.ParameterDeclaration[], args: readonly Value[], c: Context): Locals | undefined {
  const locals: Locals = new Map();
  parameters.forEach((parameter, index) => {
    const { name, dotDotDotToken, questionToken, initializer } = parameter;
    const plain = dotDotDotToken === undefined && questionToken === undefined && initializer === undefined;
    if (plain && c.syntax.isIdentifier(name)) {
      locals.set(name.text, args[index]);
    } else {
      report(c, 'parameter', parameter, 'A parameter has to be a plain name; every argument is a number and is given.');
    }
  });
  return locals.size === parameters.length ? locals : undefined;
}

function block(body: ts.Block, locals: Locals, c: Context): Value {
  for (const declaration of body.statements.flatMap((statement) => declarationsOf(statement, c))) {
    if (c.syntax.isIdentifier(declaration.name)) locals.set(declaration.name.text, 'later');
  }
  let result: Value | undefined;
  for (const statement of body.statements) {
    if (c.syntax.isEmptyStatement(statement)) continue;
    if (result !== undefined || !c.syntax.isReturnStatement(statement)) {
      define(statement, locals, result !== undefined, c);
    } else if (statement.expression !== undefined) {
      result = { at: numberOf(statement.expression, c), kind: 'number' };
    }
  }
  return result ?? report(c, 'noReturn', body, 'The function has to end with `return` and a number.');
}

function declarationsOf(statement: ts.Statement, c: Context): readonly ts.VariableDeclaration[] {
  return c.syntax.isVariableStatement(statement) ? statement.declarationList.declarations : [];
}

function define(statement: ts.Statement, locals: Locals, returned: boolean, c: Context): void {
  const declarations = declarationsOf(statement, c);
  const [first] = declarations;
  const constant = first !== undefined && (c.syntax.getCombinedNodeFlags(first) & c.syntax.NodeFlags.Const) !== 0;
  if (returned || !constant) {
    reportStatement(statement, returned, c);
    // What depends on a reported name is not a second problem.
    for (const { name } of declarations) if (c.syntax.isIdentifier(name)) locals.set(name.text, broken(c));
    return;
  }
  for (const declaration of declarations) {
    if (c.syntax.isIdentifier(declaration.name) && declaration.initializer !== undefined) {
      locals.set(declaration.name.text, c.visit(declaration.initializer, c));
    } else {
      report(c, 'statement', declaration, 'A `const` has to be one name with one value.');
    }
  }
}

function reportStatement(statement: ts.Statement, returned: boolean, c: Context): void {
  const keyword = statement.getFirstToken()?.getText() ?? '';
  const what = c.syntax.isExpressionStatement(statement) ? 'Statements without a value' : `\`${keyword}\` statements`;
  const why = c.syntax.isExpressionStatement(statement) ? 'a scalar function has no effects' : INSTEAD[keyword];
  const hint = why ?? 'only `const` and `return` have a meaning here';
  const message = returned
    ? 'There is code after `return`; one `return` at the end gives the value.'
    : `${what} cannot be translated to a scalar expression; ${hint}.`;
  report(c, 'statement', statement, message);
}
