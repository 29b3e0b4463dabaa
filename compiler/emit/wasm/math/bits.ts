import { f32s, f32x4, i32s, i32x4, shifted, v128, type Operand } from './text.ts';

export const SIGN_BIT = 0x80000000;

/** The bits of 1. */
export const ONE_BITS = 0x3f800000;

/**
 * Added to |x| < 2^22, it rounds x to an integer, ties to even, and leaves that integer in the low bits of the sum:
 * cheaper than rounding and converting.
 */
export const ROUNDER = 1.5 * 2 ** 23;

/** 2^k for −126 ≤ k ≤ 127 in the low 9 bits of words. */
export const powerOfTwo = (k: Operand): string => i32x4('add', shifted('shl', k, 23), ONE_BITS);

/** The sign of one number on another that is not negative. */
export const withSignOf = (x: Operand, size: Operand): string => v128('or', size, v128('and', x, SIGN_BIT));

/** Lanes between two bounds. What is no number stays so: these forms return their first operand then. */
export const clamped = (x: Operand, low: number, high: number): string =>
  f32x4('pmax', f32x4('pmin', x, f32s(high)), f32s(low));

/** All bits set where bit `bit` of a word is, none elsewhere. */
export const maskOfBit = (bit: number, words: Operand): string => shifted('shr_s', shifted('shl', words, 31 - bit), 31);

export const chosen = (condition: Operand, a: Operand, b: Operand): string =>
  v128('bitselect', typeof a === 'number' ? i32s(a) : a, b, condition);
