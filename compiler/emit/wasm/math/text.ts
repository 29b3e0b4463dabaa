/**
 * Instructions as folded WebAssembly text. Operands are code, or names of locals, or numbers, which stand for constants
 * in every lane.
 */
export type Operand = string | number;

const numeral = (value: number): string => (Number.isFinite(value) ? `${value}` : `${value < 0 ? '-' : ''}inf`);

/** Four lanes of the single nearest to a number. */
export function f32s(value: number): string {
  const text = numeral(Math.fround(value));
  return `(v128.const f32x4 ${text} ${text} ${text} ${text})`;
}

/** Two lanes of a double. */
export const f64s = (value: number): string => `(v128.const f64x2 ${numeral(value)} ${numeral(value)})`;

/** Four lanes of 32 bits. */
export const i32s = (bits: number): string => `(v128.const i32x4 ${bits} ${bits} ${bits} ${bits})`;

export const get = (name: string): string => `(local.get $${name})`;

const instruction = (constant: (value: number) => string, name: string, operands: readonly Operand[]): string =>
  `(${[name, ...operands.map((a) => code(a, constant))].join(' ')})`;

function code(operand: Operand, constant: (value: number) => string): string {
  if (typeof operand === 'number') return constant(operand);
  return operand.startsWith('(') ? operand : get(operand);
}

/** An instruction on four singles: `f32x4('add', 'x', 1)`. */
export const f32x4 = (name: string, ...operands: readonly Operand[]): string =>
  instruction(f32s, `f32x4.${name}`, operands);

/** An instruction on two doubles. */
export const f64x2 = (name: string, ...operands: readonly Operand[]): string =>
  instruction(f64s, `f64x2.${name}`, operands);

/** An instruction on four words. */
export const i32x4 = (name: string, ...operands: readonly Operand[]): string =>
  instruction(i32s, `i32x4.${name}`, operands);

/** An instruction on 128 bits; numbers are bits of each word. `andnot` keeps the bits that its second operand lacks. */
export const v128 = (name: string, ...operands: readonly Operand[]): string =>
  instruction(i32s, `v128.${name}`, operands);

/** Words shifted by one amount, by `shl`, `shr_s` or `shr_u`. */
export const shifted = (name: 'shl' | 'shr_s' | 'shr_u', words: Operand, amount: number): string =>
  i32x4(name, words, `(i32.const ${amount})`);

/** Doubles or words of two operands, by the bytes where they begin: those of the second count from 16. */
export function picked(starts: readonly number[], a: Operand, b: Operand): string {
  const size = 16 / starts.length;
  const bytes = starts.flatMap((start) => Array.from({ length: size }, (_, i) => start + i));
  return instruction(i32s, `i8x16.shuffle ${bytes.join(' ')}`, [a, b]);
}

type Lanes = typeof f32x4;

/** c0 + c1·x + c2·x² + … by Horner's rule. */
export function polynomial(on: Lanes, x: Operand, coefficients: readonly number[]): string {
  return horner(on, x, coefficients.map((c) => constantOf(on, c)));
}

/** The same by Horner's rule in x² on pairs c + d·x: half as long a chain of dependent steps. */
export function polynomialByPairs(on: Lanes, x: Operand, square: Operand, coefficients: readonly number[]): string {
  const pairs = coefficients.map((_, i) => coefficients.slice(i, i + 2)).filter((_, i) => i % 2 === 0);
  return horner(on, square, pairs.map((pair) => polynomial(on, x, pair)));
}

const constantOf = (on: Lanes, c: number): string => (on === f32x4 ? f32s(c) : f64s(c));

const horner = (on: Lanes, x: Operand, terms: readonly string[]): string =>
  terms.reduceRight((rest, term) => on('add', term, on('mul', x, rest)));

export const set = (name: string, value: string): string => `(local.set $${name} ${value})`;

/** Lines for when any lane of a mask is set. */
export const whenAny = (mask: Operand, ...lines: readonly string[]): string =>
  `(if ${v128('any_true', mask)} (then\n    ${lines.join('\n    ')}))`;

const declared = (kind: 'param' | 'local', names: readonly string[]): string =>
  names.map((n) => ` (${kind} $${n} v128)`).join('');

/** A function of vectors that gives one vector, the value of the last line, or more; `locals` are vectors too. */
export const vectorFunction = (
  name: string, params: readonly string[], locals: readonly string[], lines: readonly string[], result = 'v128',
): string => `(func $${name}${declared('param', params)} (result ${result})${declared('local', locals)}
  ${lines.join('\n  ')})`;
