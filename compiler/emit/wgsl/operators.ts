import type { Monoid } from '../../../dsl/node.ts';
import type { ScalarOpName } from '../../expr/expr.ts';

/** WGSL text with the strength of its outermost operator, so that parentheses appear only where they are needed. */
export interface Text {
  readonly code: string;
  readonly strength: number;
}

export const ATOM = 10;
const [OR, AND, COMPARE, SUM, PRODUCT, PREFIX] = [1, 2, 3, 5, 6, 7];

export const atom = (code: string): Text => ({ code, strength: ATOM });

/** As an operand of something of the given strength. */
export const within = (t: Text, strength: number): string => (t.strength < strength ? `(${t.code})` : t.code);

const infix = (symbol: string, strength: number) => ([a, b]: readonly Text[]): Text =>
  ({ code: `${within(a, strength)} ${symbol} ${within(b, strength + 1)}`, strength });

const call = (name: string) => (args: readonly Text[]): Text => atom(`${name}(${args.map((a) => a.code).join(', ')})`);

/** WGSL's comparisons do not chain: both sides are taken one stronger. */
const comparison = (symbol: string) => ([a, b]: readonly Text[]): Text =>
  ({ code: `${within(a, COMPARE + 1)} ${symbol} ${within(b, COMPARE + 1)}`, strength: COMPARE });

const OPERATORS: Readonly<Record<ScalarOpName, (args: readonly Text[]) => Text>> = {
  add: infix('+', SUM), sub: infix('-', SUM),
  mul: infix('*', PRODUCT), div: infix('/', PRODUCT), mod: infix('%', PRODUCT),
  neg: ([a]) => ({ code: `-${within(a, PREFIX + 1)}`, strength: PREFIX }),
  not: ([a]) => ({ code: `!${within(a, PREFIX + 1)}`, strength: PREFIX }),
  lt: comparison('<'), le: comparison('<='), gt: comparison('>'), ge: comparison('>='),
  eq: comparison('=='), ne: comparison('!='),
  // WGSL wants parentheses where `&&` and `||` meet, so their operands are taken one stronger.
  and: ([a, b]) => ({ code: `${within(a, COMPARE)} && ${within(b, COMPARE)}`, strength: AND }),
  or: ([a, b]) => ({ code: `${within(a, COMPARE)} || ${within(b, COMPARE)}`, strength: OR }),
  abs: call('abs'), exp: call('exponential'), log: call('log'), sqrt: call('sqrt'), sin: call('sin'), cos: call('cos'),
  floor: call('floor'), ceil: call('ceil'), round: call('round'), toF16: call('nearest_f16'), sign: call('sign'),
  min: call('min'), max: call('max'), pow: call('power'), tanh: call('hyperbolic_tangent'),
  select: ([c, a, b]) => atom(`select(${b.code}, ${a.code}, ${c.code})`),
};

export const operator = (name: ScalarOpName, args: readonly Text[]): Text => OPERATORS[name](args);

/** As `operator`, for four values at a time: `&&`, `||` and our own functions are for single ones only. */
export function vectorOperator(name: ScalarOpName, args: readonly Text[]): Text {
  if (name === 'exp' || name === 'pow' || name === 'tanh' || name === 'toF16') {
    const one = operator(name, args);
    return { ...one, code: `four_${one.code}` };
  }
  if (name !== 'and' && name !== 'or') return operator(name, args);
  return atom(`(${args.map((a) => within(a, ATOM)).join(name === 'and' ? ' & ' : ' | ')})`);
}

/** Operators that WGSL applies between a vector and a scalar as they are. */
export const MIXES: ReadonlySet<string> = new Set(['add', 'sub', 'mul', 'div']);

export function intOperator(name: 'add' | 'mul' | 'div' | 'mod' | 'min' | 'max', args: readonly Text[]): Text {
  return OPERATORS[name](args);
}

/** The combination of two partial totals. */
export function combined(monoid: Monoid, a: string, b: string): string {
  switch (monoid) {
    case 'sum': case 'compensated': return `${a} + ${b}`;
    case 'prod': return `${a} * ${b}`;
    case 'max': return `max(${a}, ${b})`;
    case 'min': return `min(${a}, ${b})`;
  }
}

/**
 * The largest numbers stand for an empty maximum and minimum: WGSL has no literal for infinity, and lets devices assume
 * that there is none. Only a maximum of nothing but −∞ would tell the difference.
 */
export const UNIT: Readonly<Record<Monoid, string>> = {
  sum: '0f', compensated: '0f', prod: '1f', max: '-3.4028234663852886e38f', min: '3.4028234663852886e38f',
};

export function floatLiteral(value: number): Text {
  const single = Math.fround(value);
  if (Number.isNaN(single)) return atom('bitcast<f32>(nan_bits)');
  if (!Number.isFinite(single)) {
    return single > 0 ? atom('bitcast<f32>(infinity_bits)') : atom('(-bitcast<f32>(infinity_bits))');
  }
  const code = `${value}f`;
  return single < 0 || Object.is(single, -0) ? { code, strength: PREFIX } : atom(code);
}
