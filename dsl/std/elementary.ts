import { abs, exp, floor, log, max, min, scalar } from '../scalar/index.ts';

/*
 * Functions that single precision and GPUs lose digits of when they are written down plainly.
 */

/** e^x − 1, by its series where the two would cancel. */
export const expm1 = scalar((x) => {
  const series = 1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5 * (1 + x / 6 * (1 + x / 7 * (1 + x / 8))))));
  return abs(x) < 0.5 ? x * series : exp(x) - 1;
});

/** ln(1 + x) for x ≥ 0, by the series of 2 artanh(x / (2 + x)) where 1 + x would lose digits of x. */
export const log1p = scalar((x) => {
  const z = x / (2 + x);
  const w = z * z;
  const series = 1 + w * (1 / 3 + w * (1 / 5 + w * (1 / 7 + w * (1 / 9 + w / 11))));
  return x < 0.5 ? 2 * z * series : log(1 + x);
});

/** Exponent e of 2 with 2^e ≤ x < 2^(e+1), or, where rounding decides, its neighbour; of 0 it is that of `SMALLEST`. */
export const exponentOf = scalar((x) => floor(log(x < SMALLEST ? SMALLEST : x) * Math.LOG2E));

/** The least number that every device keeps the digits of: 2⁻¹²⁶. */
const SMALLEST = 1.1754943508222875e-38;

/**
 * x · 2^n without a rounding, for a whole n from −126 to 126, beyond which it is taken as that: by powers of two that
 * are written down, since `exp` and `pow` of a GPU are not exact.
 */
export const timesPowerOfTwo = scalar((x, n) => {
  const digits = max(min(n, MOST), -MOST) + MOST;
  return x * (SMALLEST
    * digit(digits, 0.0078125, 18446744073709552000) * digit(digits, 0.0078125, 18446744073709552000)
    * digit(digits, 0.015625, 18446744073709552000) * digit(digits, 0.03125, 4294967296) * digit(digits, 0.0625, 65536)
    * digit(digits, 0.125, 256) * digit(digits, 0.25, 16) * digit(digits, 0.5, 4) * digit(digits, 1, 2));
});

/** The same for n from −252 to 252. */
export const timesLargePowerOfTwo = scalar((x, n) => {
  const first = max(min(n, MOST), -MOST);
  return timesPowerOfTwo(timesPowerOfTwo(x, first), n - first);
});

const MOST = 126;

/** The share in 2^size of one binary digit of it, that of floor(size · place): `power` where it is 1. */
const digit = scalar((size, place, power) => {
  const upTo = floor(size * place);
  return upTo - 2 * floor(upTo * 0.5) > 0.5 ? power : 1;
});
