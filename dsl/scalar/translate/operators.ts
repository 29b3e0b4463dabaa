import type ts from 'typescript';
import type { BinaryOp } from '../expr.ts';
import { numberOf, report, truthOf, untranslatable } from './context.ts';
import type { Context, Value } from './context.ts';

interface Operator {
  readonly op: BinaryOp;
  readonly takes: 'number' | 'truth';
  readonly gives: 'number' | 'truth';
}

const arithmetic = (op: BinaryOp): Operator => ({ op, takes: 'number', gives: 'number' });
const comparison = (op: BinaryOp): Operator => ({ op, takes: 'number', gives: 'truth' });
const logic = (op: BinaryOp): Operator => ({ op, takes: 'truth', gives: 'truth' });

/** `==` on two numbers is `===`. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['+', arithmetic('add')], ['-', arithmetic('sub')], ['*', arithmetic('mul')], ['/', arithmetic('div')],
  ['%', arithmetic('mod')], ['**', arithmetic('pow')],
  ['<', comparison('lt')], ['<=', comparison('le')], ['>', comparison('gt')], ['>=', comparison('ge')],
  ['===', comparison('eq')], ['!==', comparison('ne')], ['==', comparison('eq')], ['!=', comparison('ne')],
  ['&&', logic('and')], ['||', logic('or')],
]);

export function binary(e: ts.BinaryExpression, c: Context): Value {
  const symbol = c.syntax.tokenToString(e.operatorToken.kind) ?? e.operatorToken.getText();
  const operator = OPERATORS.get(symbol);
  if (operator === undefined) return unknownOperator(e.operatorToken, symbol, c);
  const operand = operator.takes === 'number' ? numberOf : truthOf;
  const [a, b] = [operand(e.left, c), operand(e.right, c)];
  return { at: c.builder.emit({ op: operator.op, a, b }), kind: operator.gives };
}

function unknownOperator(token: ts.Node, symbol: string, c: Context): Value {
  const assigns = symbol.endsWith('=') || symbol === '++' || symbol === '--';
  const hint = assigns ? 'names keep their values; write a `const` for each step' : 'numbers are floating-point here';
  return report(c, 'expression', token, `The operator \`${symbol}\` cannot be translated; ${hint}.`);
}

export function prefix(e: ts.PrefixUnaryExpression, c: Context): Value {
  const { SyntaxKind } = c.syntax;
  switch (e.operator) {
    case SyntaxKind.MinusToken: return negation(e.operand, c);
    case SyntaxKind.PlusToken: return { at: numberOf(e.operand, c), kind: 'number' };
    case SyntaxKind.ExclamationToken:
      return { at: c.builder.emit({ op: 'not', a: truthOf(e.operand, c) }), kind: 'truth' };
    default: return unknownOperator(e, c.syntax.tokenToString(e.operator) ?? '', c);
  }
}

/** A negative literal is one constant; `-0` stays an operation, since JSON has no negative zero. */
function negation(operand: ts.Expression, c: Context): Value {
  const a = numberOf(operand, c);
  const value = c.syntax.isNumericLiteral(operand) ? Number(operand.text) : 0;
  const at = value !== 0 && Number.isFinite(value) ? c.builder.constant(-value) : c.builder.emit({ op: 'neg', a });
  return { at, kind: 'number' };
}

export function conditional(e: ts.ConditionalExpression, c: Context): Value {
  const cond = truthOf(e.condition, c);
  const [then, otherwise] = [c.visit(e.whenTrue, c), c.visit(e.whenFalse, c)];
  return choose(e, cond, then, otherwise, c);
}

/** One of two values. A choice between conditions is spelled in logic: `select` is an operation on numbers. */
export function choose(e: ts.Expression, cond: number, then: Value, otherwise: Value, c: Context): Value {
  const kinds = [then.kind, otherwise.kind];
  if (kinds.includes('truth') && kinds.includes('number')) {
    return untranslatable(e, c, ': one branch is a number and the other a truth value');
  }
  const { builder } = c;
  if (!kinds.includes('truth')) {
    const at = builder.emit({ op: 'select', cond, then: then.at, else: otherwise.at });
    return { at, kind: kinds.includes('broken') ? 'broken' : 'number' };
  }
  const whenTrue = builder.emit({ op: 'and', a: cond, b: then.at });
  const whenFalse = builder.emit({ op: 'and', a: builder.emit({ op: 'not', a: cond }), b: otherwise.at });
  return { at: builder.emit({ op: 'or', a: whenTrue, b: whenFalse }), kind: 'truth' };
}
