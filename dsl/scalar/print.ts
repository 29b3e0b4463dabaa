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
}

const atLeast = (strength: number, part: Text): string => (part.strength >= strength ? part.text : `(${part.text})`);

/** Names of the arguments where the caller has none: x, y, z, or x0, x1, … */
export const argumentNames = (arity: number): readonly string[] =>
  (arity <= 3 ? ['x', 'y', 'z'].slice(0, arity) : Array.from({ length: arity }, (_, i) => `x${i}`));

/**
 * The function as TypeScript text, with values that are used twice named `t0`, `t1`, …; translating the text gives the
 * same function again.
 */
export function print(expr: ScalarExpr, names: readonly string[] = argumentNames(expr.arity)): string {
  const uses = countUses(expr);
  const texts: Text[] = [];
  const locals: string[] = [];
  expr.ops.forEach((op, at) => {
    const text = write(op, texts, names);
    const shared = uses[at] > 1 && op.op !== 'arg' && op.op !== 'const';
    if (shared) locals.push(`const t${locals.length} = ${text.text};`);
    texts.push(shared ? { text: `t${locals.length - 1}`, strength: ATOM } : text);
  });
  const result = texts[expr.result].text;
  const body = locals.length === 0 ? result : `{ ${locals.join(' ')} return ${result}; }`;
  return `(${names.join(', ')}) => ${body}`;
}

function countUses(expr: ScalarExpr): readonly number[] {
  const uses = expr.ops.map(() => 0);
  for (const op of expr.ops) for (const at of operands(op)) uses[at] += 1;
  return uses;
}

function write(op: ScalarOp, texts: readonly Text[], names: readonly string[]): Text {
  switch (op.op) {
    case 'arg': return { text: names[op.index], strength: ATOM };
    case 'const': return { text: String(op.value), strength: op.value < 0 ? UNARY : ATOM };
    case 'neg': return prefix('-', texts[op.a]);
    case 'not': return prefix('!', texts[op.a]);
    case 'pow': return { text: `${atLeast(ATOM, texts[op.a])} ** ${atLeast(POWER, texts[op.b])}`, strength: POWER };
    case 'select': return ternary(texts[op.cond], texts[op.then], texts[op.else]);
    default: return 'b' in op ? infix(op, texts) : call(op.op, [texts[op.a]]);
  }
}

/** A second sign would read as a decrement, and the language forbids a sign before a power: both get parentheses. */
function prefix(sign: '-' | '!', of: Text): Text {
  const bare = of.strength >= UNARY && of.strength !== POWER && !of.text.startsWith(sign);
  return { text: bare ? sign + of.text : `${sign}(${of.text})`, strength: UNARY };
}

function infix(op: Extract<ScalarOp, { op: BinaryOp }>, texts: readonly Text[]): Text {
  const sign = INFIX[op.op];
  if (sign === undefined) return call(op.op, [texts[op.a], texts[op.b]]);
  const [symbol, strength] = sign;
  return { text: `${atLeast(strength, texts[op.a])} ${symbol} ${atLeast(strength + 1, texts[op.b])}`, strength };
}

const call = (name: string, args: readonly Text[]): Text =>
  ({ text: `${name}(${args.map((arg) => arg.text).join(', ')})`, strength: ATOM });

const ternary = (cond: Text, then: Text, otherwise: Text): Text => ({
  text: `${atLeast(TERNARY + 1, cond)} ? ${atLeast(TERNARY + 1, then)} : ${atLeast(TERNARY, otherwise)}`,
  strength: TERNARY,
});
