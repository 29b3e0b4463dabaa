import { operands } from './builder.ts';
import type { BinaryOp, ScalarExpr, ScalarOp } from './expr.ts';

/** TypeScript's operators with their binding strength; everything else is written as a call. */
const INFIX: { readonly [K in BinaryOp]?: readonly [string, number] } = {
  or: ['||', 2], and: ['&&', 3], eq: ['===', 4], ne: ['!==', 4],
  lt: ['<', 5], le: ['<=', 5], gt: ['>', 5], ge: ['>=', 5],
  add: ['+', 6], sub: ['-', 6], mul: ['*', 7], div: ['/', 7], mod: ['%', 7],
};
const TERNARY = 1;
const UNARY = 8;
const POWER = 9;
const ATOM = 10;

interface Text {
  readonly text: string;
  readonly strength: number;
  readonly isLiteral?: boolean;
}

const atLeast = (strength: number, part: Text): string => (part.strength >= strength ? part.text : `(${part.text})`);

/** Names of the arguments where the caller has none: x, y, z, or x0, x1, … */
export const argumentNames = (arity: number): readonly string[] =>
  (arity <= 3 ? ['x', 'y', 'z'].slice(0, arity) : Array.from({ length: arity }, (_, i) => `x${i}`));

/** How a function is written that is no operator of TypeScript. */
export type CallName = (name: string) => string;

/** A function as text, in pieces: `const` declarations of what is used twice, and the value. */
export interface FunctionText {
  readonly parameters: readonly string[];
  readonly locals: readonly string[];
  readonly result: string;
}

/**
 * The function as TypeScript text, with values that are used twice named `t0`, `t1`, …; translating the text gives the
 * same function again.
 */
export function print(expr: ScalarExpr, names: readonly string[] = argumentNames(expr.arity)): string {
  const { parameters, locals, result } = functionText(expr, names, (name) => name);
  const body = locals.length === 0 ? result : `{ ${locals.join(' ')} return ${result}; }`;
  return `(${parameters.join(', ')}) => ${body}`;
}

/** As `print`, in pieces, where the caller says how functions are called. */
export function functionText(expr: ScalarExpr, parameters: readonly string[], called: CallName): FunctionText {
  const uses = countUses(expr);
  const texts: Text[] = [];
  const locals: string[] = [];
  expr.ops.forEach((op, at) => {
    const text = write(op, texts, parameters, called);
    const shared = uses[at] > 1 && op.op !== 'arg' && op.op !== 'const';
    if (shared) locals.push(`const t${locals.length} = ${text.text};`);
    texts.push(shared ? { text: `t${locals.length - 1}`, strength: ATOM } : text);
  });
  return { parameters, locals, result: texts[expr.result].text };
}

function countUses(expr: ScalarExpr): readonly number[] {
  const uses = expr.ops.map(() => 0);
  for (const op of expr.ops) for (const at of operands(op)) uses[at] += 1;
  return uses;
}

function write(op: ScalarOp, texts: readonly Text[], names: readonly string[], called: CallName): Text {
  switch (op.op) {
    case 'arg': return { text: names[op.index], strength: ATOM };
    case 'const': return { text: String(op.value), strength: op.value < 0 ? UNARY : ATOM, isLiteral: true };
    case 'neg': return prefix('-', texts[op.a]);
    case 'not': return prefix('!', texts[op.a]);
    case 'pow': return { text: `${atLeast(ATOM, texts[op.a])} ** ${atLeast(POWER, texts[op.b])}`, strength: POWER };
    case 'select': return ternary(texts[op.cond], texts[op.then], texts[op.else]);
    default: return 'b' in op ? infix(op, texts, called) : call(called(op.op), [texts[op.a]]);
  }
}

/**
 * A second sign would read as a decrement, the language forbids a sign before a power, and a sign before a literal
 * other than 0 is a part of it: all get parentheses.
 */
function prefix(sign: '-' | '!', of: Text): Text {
  const isPartOf = of.isLiteral === true && of.text !== '0';
  const joins = of.strength < UNARY || of.strength === POWER || of.text.startsWith(sign) || isPartOf;
  return { text: joins ? `${sign}(${of.text})` : sign + of.text, strength: UNARY };
}

function infix(op: Extract<ScalarOp, { op: BinaryOp }>, texts: readonly Text[], called: CallName): Text {
  const sign = INFIX[op.op];
  const [a, b] = [texts[op.a], texts[op.b]];
  if (sign === undefined) return call(called(op.op), [a, b]);
  const [symbol, strength] = sign;
  return { text: `${atLeast(strength, comparable(op, a, b))} ${symbol} ${atLeast(strength + 1, b)}`, strength };
}

/** TypeScript refuses to compare two different literals; `+(1)` is a number like any other. */
const comparable = ({ op }: ScalarOp, a: Text, b: Text): Text =>
  ((op === 'eq' || op === 'ne') && a.isLiteral === true && b.isLiteral === true
    ? { text: `+(${a.text})`, strength: UNARY }
    : a);

const call = (name: string, args: readonly Text[]): Text =>
  ({ text: `${name}(${args.map((arg) => arg.text).join(', ')})`, strength: ATOM });

const ternary = (cond: Text, then: Text, otherwise: Text): Text => ({
  text: `${atLeast(TERNARY + 1, cond)} ? ${atLeast(TERNARY + 1, then)} : ${atLeast(TERNARY, otherwise)}`,
  strength: TERNARY,
});
