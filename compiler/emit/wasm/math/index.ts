import { BINARY16 } from './binary16.ts';
import { EXPONENTIAL } from './exponential.ts';
import type { FunctionBody, MathFunction } from './function.ts';
import { HYPERBOLIC } from './hyperbolic.ts';
import { LOGARITHM } from './logarithm.ts';
import { POWER } from './power.ts';
import { RANDOM } from './random.ts';
import { REMAINDER } from './remainder.ts';
import { ROUNDING } from './rounding.ts';
import { TRIGONOMETRY } from './trigonometry.ts';

export { renamed, type FunctionBody, type MathFunction } from './function.ts';

/**
 * Functions that kernels may call, each after those that it needs. Minimum and maximum are not among them: `f32x4.min`
 * and `f32x4.max` treat signed zeros and what is no number as `Math.min` and `Math.max` do.
 */
export const MATH: readonly MathFunction[] = [
  ...EXPONENTIAL, ...LOGARITHM, ...POWER, ...HYPERBOLIC, ...TRIGONOMETRY, ...ROUNDING, ...REMAINDER,
  ...RANDOM,
  ...BINARY16,
];

/** What functions do, by name, where they may be written in the place of a call. */
export const BODIES: ReadonlyMap<string, FunctionBody> = new Map(
  MATH.flatMap(({ name, body }): (readonly [string, FunctionBody])[] => (body === undefined ? [] : [[name, body]])),
);

/**
 * The text of these functions and of those that they need, each once, callees first.
 *
 * @throws Error for a name that no function has.
 */
export function mathFor(used: Iterable<string>): string {
  const wanted = new Set(used);
  for (const name of wanted) {
    if (!MATH.some((f) => f.name === name)) throw new Error(`emit: there is no math function "${name}"`);
  }
  for (const f of [...MATH].reverse()) {
    if (wanted.has(f.name)) f.needs.forEach((n) => wanted.add(n));
  }
  return MATH.filter((f) => wanted.has(f.name)).map((f) => f.code).join('\n');
}
