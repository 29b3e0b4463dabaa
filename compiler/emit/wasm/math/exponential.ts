import { clamped, powerOfTwo, ROUNDER } from './bits.ts';
import type { FunctionBody, MathFunction } from './function.ts';
import { f32x4, get, i32x4, polynomialByPairs, set, shifted, vectorFunction } from './text.ts';

/** So short that an integer of 8 bits times it is exact. */
const LN2_HIGH = 0.693359375;

/** A local x, |x| ≤ 150, as n·ln 2 + r: sets the locals n, k (n in its low 22 bits), r and r². */
export const reducedByLn2 = (x: string): readonly string[] => [
  set('k', f32x4('add', f32x4('mul', x, Math.LOG2E), ROUNDER)),
  set('n', f32x4('sub', 'k', ROUNDER)),
  set('r', f32x4('sub', x, f32x4('mul', 'n', LN2_HIGH))),
  set('r', f32x4('sub', 'r', f32x4('mul', 'n', Math.LN2 - LN2_HIGH))),
  set('square', f32x4('mul', 'r', 'r')),
];

/**
 * Sets a local to a value times 2^k, for −252 ≤ k ≤ 252 in the low 10 bits of the local k; `half` is a local to work
 * in. In two steps, since the scale of the smallest and largest results is no number itself.
 */
export const scaled = (name: string, value: string): readonly string[] => [
  set('half', shifted('shr_s', 'k', 1)),
  set(name, f32x4('mul', f32x4('mul', value, powerOfTwo('half')), powerOfTwo(i32x4('sub', 'k', 'half')))),
];

/** (e^r − 1 − r)/r² for |r| ≤ ½·ln 2: fitted so that e^r misses by 2^-28 of itself at most. */
const SERIES = [
  0.49999993333433196, 0.16666518938113351, 0.041668407985244335, 0.0083689218392977351, 0.0013814173557277635,
];

const BODY: FunctionBody = {
  params: ['x'],
  locals: ['k', 'n', 'r', 'square', 'half'],
  lines: [
    set('x', clamped('x', -104, 89)),
    ...reducedByLn2('x'),
    ...scaled('r', f32x4('add', 1, f32x4('add', 'r',
      f32x4('mul', 'square', polynomialByPairs(f32x4, 'r', 'square', SERIES))))),
    get('r'),
  ],
};

/**
 * e^x, within 2 units in the last place: subnormal results are rounded once more, and what overflows is infinite.
 * Without branches, since scores that are masked make −∞ a common argument.
 */
export const EXPONENTIAL: readonly MathFunction[] = [{
  name: 'exp', params: 1, needs: [], body: BODY, code: vectorFunction('exp', BODY.params, BODY.locals, BODY.lines),
}];
