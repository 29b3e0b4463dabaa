import { primitive } from './primitive.ts';

/** e to the power `x`. */
export const exp = primitive('exp');

/** Natural logarithm; `NaN` below zero and `-Infinity` at zero. */
export const log = primitive('log');

/** Square root; `NaN` below zero. */
export const sqrt = primitive('sqrt');

/** Sine of an angle in radians. */
export const sin = primitive('sin');

/** Cosine of an angle in radians. */
export const cos = primitive('cos');

/** Hyperbolic tangent. */
export const tanh = primitive('tanh');

/** Absolute value. */
export const abs = primitive('abs');

/** Largest whole number that is not above `x`. */
export const floor = primitive('floor');

/** Smallest whole number that is not below `x`. */
export const ceil = primitive('ceil');

/** Nearest whole number, ties to the even one: WGSL's `round`, and not `Math.round`, which takes ties up. */
export const round = primitive('round');

/** Nearest number that an IEEE binary16 holds, ties to the even one; infinite from 65520 on. */
export const toF16 = primitive('toF16');

/** Whole part of `x`: rounded towards zero. */
export const trunc = primitive('trunc');

/** -1, 0 or 1 by the sign of `x`. */
export const sign = primitive('sign');

/** `base` to the power `exponent`, as the operator `**`; `NaN` for a negative base and a broken exponent. */
export const pow = primitive('pow');

/** Smallest of its arguments; `NaN` where one of them is. */
export const min = primitive('min');

/** Largest of its arguments; `NaN` where one of them is. */
export const max = primitive('max');

/** `whenTrue` where the condition holds, else `whenFalse`: the ternary as a function. */
export const select = primitive('select');
