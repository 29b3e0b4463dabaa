import type ts from 'typescript';
import type { ScalarExpr } from '../expr.ts';
import { isPrimitiveName } from '../primitive.ts';
import type { PrimitiveName } from '../primitive.ts';
import { readLiteral } from './literal.ts';
import { isFunctionNode, makerOf, unwrap } from './syntax.ts';
import type { FunctionNode, Syntax } from './syntax.ts';
import { isScalarExpr } from './validate.ts';

/** Where a name comes from. */
export type Declaration =
  | { readonly kind: 'node'; readonly node: ts.Node }
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  /** Declared in no file: `Math`, `Infinity`, or a mistake. */
  | { readonly kind: 'global' }
  | { readonly kind: 'unresolved'; readonly why: string };

/** Finds declarations across files. */
export interface Resolver {
  readonly declarationOf: (name: ts.Identifier) => Declaration;
}

/** What a name can be used as. */
export type Meaning =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'function'; readonly fn: FunctionNode }
  | { readonly kind: 'translated'; readonly expr: ScalarExpr }
  | { readonly kind: 'constant'; readonly initializer: ts.Expression }
  | { readonly kind: 'global' }
  | { readonly kind: 'opaque'; readonly why: string };

const opaque = (why: string): Meaning => ({ kind: 'opaque', why });

export function meaningOf(s: Syntax, declaration: Declaration): Meaning {
  switch (declaration.kind) {
    case 'primitive': case 'global': return declaration;
    case 'unresolved': return opaque(declaration.why);
    case 'node': return meaningOfNode(s, declaration.node);
  }
}

function meaningOfNode(s: Syntax, node: ts.Node): Meaning {
  if (s.isExportAssignment(node)) return meaningOfValue(s, unwrap(s, node.expression));
  if (s.isFunctionDeclaration(node)) return opaque('it is an ordinary function; wrap it in `scalar(…)`');
  if (s.isParameter(node)) return opaque('it is a parameter of an enclosing function; make it an argument');
  if (!s.isVariableDeclaration(node) || node.initializer === undefined) return opaque('it is not a `const` number');
  const constant = (s.getCombinedNodeFlags(node) & s.NodeFlags.Const) !== 0;
  if (!constant) return opaque('its value may change; declare it `const`');
  return meaningOfValue(s, unwrap(s, node.initializer));
}

function meaningOfValue(s: Syntax, value: ts.Expression): Meaning {
  if (isFunctionNode(s, value)) return opaque('it is an ordinary function; wrap it in `scalar(…)`');
  const maker = s.isCallExpression(value) ? makerOf(s, value) : undefined;
  if (!s.isCallExpression(value) || maker === undefined) return { kind: 'constant', initializer: value };
  if (maker === 'traced') return opaque('it is made by `traced`, whose operations are not in the source');
  return maker === 'primitive' ? primitiveMeaning(s, value) : scalarMeaning(s, value);
}

function primitiveMeaning(s: Syntax, call: ts.CallExpression): Meaning {
  const [name] = call.arguments;
  return name !== undefined && s.isStringLiteral(name) && isPrimitiveName(name.text)
    ? { kind: 'primitive', name: name.text }
    : opaque('it is not a known primitive');
}

function scalarMeaning(s: Syntax, call: ts.CallExpression): Meaning {
  const [fn, translated] = call.arguments;
  if (translated !== undefined) {
    const expr = readLiteral(s, translated);
    return isScalarExpr(expr) ? { kind: 'translated', expr } : opaque('its translation is not a literal');
  }
  const written = fn === undefined ? undefined : unwrap(s, fn);
  return written !== undefined && isFunctionNode(s, written)
    ? { kind: 'function', fn: written }
    : opaque('its function is not written in place');
}
