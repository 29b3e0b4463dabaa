import { chosen, ONE_BITS, SIGN_BIT } from './bits.ts';
import { scaled } from './exponential.ts';
import type { MathFunction } from './function.ts';
import { SPLIT_LOCALS, splitExponent } from './logarithm.ts';
import {
  f32x4, f64x2, get, picked, polynomial, polynomialByPairs, set, v128, vectorFunction, whenAny,
} from './text.ts';

/** (2/ln 2)·artanh(s)/s in s² for |s| ≤ tan²(π/8), within 2^-37 of itself: 2^-30 is left of it after times 152. */
const LOG2_SERIES = [
  2.8853900817901423, 0.96179667326611451, 0.57708360034174022, 0.41167174595251854, 0.3407489683551424,
];

/** (2^r − 1)/r for |r| ≤ ½: fitted so that 2^r misses by 2^-28 of itself at most. */
const EXP2_SERIES = [
  0.69314720337833335, 0.24022647846154041, 0.055503312332382516, 0.009618442353649892, 0.0013399391249606051,
  0.00015352945354189806,
];

/** Added to a double, it leaves the nearest integer in the low 32 bits of the sum. */
const ROUNDER = 1.5 * 2 ** 52;

type Half = 'low' | 'high';

/** Two lanes of four singles as doubles. */
const promoted = (half: Half, name: string): string =>
  f64x2('promote_low_f32x4', half === 'low' ? name : picked([8, 8], name, name));

/**
 * y·log2 x of two lanes, from the locals e, f and y, and rounded to integers: sets `t_low` and `u_low`, or `t_high` and
 * `u_high`. Outside −152 … 130, all results are 0 or infinite.
 */
const exponent = (half: Half): readonly string[] => [
  set('s', promoted(half, 'f')),
  set('s', f64x2('div', 's', f64x2('add', 's', 2))),
  set('z', f64x2('mul', 's', 's')),
  set('s', f64x2('mul', 's', polynomial(f64x2, 'z', LOG2_SERIES))),
  set('z', f64x2('mul', promoted(half, 'y'), f64x2('add', promoted(half, 'e'), 's'))),
  set(`t_${half}`, f64x2('pmax', f64x2('pmin', 'z', 130), -152)),
  set(`u_${half}`, f64x2('add', `t_${half}`, ROUNDER)),
];

const fraction = (half: Half): string =>
  f32x4('demote_f64x2_zero', f64x2('sub', `t_${half}`, f64x2('sub', `u_${half}`, ROUNDER)));

/** The sign bit where x has it and the local y is an odd integer; the local `whole` says where y is an integer. */
const signOf = (x: string): string => {
  const half = f32x4('mul', 'y', 0.5);
  const odd = v128('and', 'whole', f32x4('ne', f32x4('trunc', half), half));
  return v128('and', v128('and', x, SIGN_BIT), odd);
};

/** All bits, which are no number, where x is negative and finite and y is no integer. */
const undefinedFor = (x: string): string =>
  v128('and', v128('andnot', f32x4('lt', x, 0), 'whole'), f32x4('gt', x, -Infinity));

/**
 * x^y as `Math.pow` has it, within 4 units in the last place: x^0 = 1 for every x, negative bases take integers, and
 * (±1)^±∞ is no number.
 *
 * It is 2^(y·log2 x), whose relative error is the exponent's absolute one: log2 x and the product are doubles.
 */
export const POWER: readonly MathFunction[] = [{
  name: 'pow',
  params: 2,
  needs: [],
  code: vectorFunction('pow', ['x', 'y'],
    [...SPLIT_LOCALS, 's', 'z', 't_low', 'u_low', 't_high', 'u_high', 'k', 'r', 'square', 'half', 'size', 'whole'], [
      ...splitExponent('x'),
      ...exponent('low'),
      ...exponent('high'),
      set('k', picked([0, 8, 16, 24], 'u_low', 'u_high')),
      set('r', picked([0, 16], fraction('low'), fraction('high'))),
      set('square', f32x4('mul', 'r', 'r')),
      ...scaled('size', f32x4('add', 1, f32x4('mul', 'r', polynomialByPairs(f32x4, 'r', 'square', EXP2_SERIES)))),
      whenAny('unusual',
        set('whole', f32x4('eq', f32x4('trunc', 'y'), 'y')),
        set('size', v128('or', v128('xor', 'size', signOf('x')), undefinedFor('x'))),
        set('size', chosen(f32x4('eq', 'y', 0), ONE_BITS, 'size'))),
      get('size'),
    ]),
}];
