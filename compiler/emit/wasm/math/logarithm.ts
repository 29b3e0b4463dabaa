import { chosen } from './bits.ts';
import type { MathFunction } from './function.ts';
import { f32s, f32x4, get, i32x4, polynomial, set, shifted, v128, vectorFunction, whenAny } from './text.ts';

const SMALLEST_NORMAL = 2 ** -126;
const SMALLEST_NORMAL_BITS = 0x00800000;
const LARGEST_BITS = 0x7f7fffff;

/** The bits of √½, where fractions begin. */
const ROOT_HALF_BITS = 0x3f3504f3;

/** Locals that `splitExponent` sets or works in. */
export const SPLIT_LOCALS = ['unusual', 'v', 'tiny', 'shift', 'bits', 'e', 'f'];

/**
 * The absolute value of a local as 2^e·(1 + f) with 1 + f within √½ … √2: sets the locals e and f, both f32 and exact,
 * with e = −∞ for 0, +∞ for ±∞, and no number for what is none.
 *
 * Lanes that are not both normal and positive are rare: they are marked in the local `unusual`, and what they need is
 * skipped where there is none. So are the lines `more`, which may change what is taken off e, `shift`.
 */
export const splitExponent = (x: string, ...more: readonly string[]): readonly string[] => [
  set('unusual', v128('or', i32x4('lt_s', x, SMALLEST_NORMAL_BITS), i32x4('gt_s', x, LARGEST_BITS))),
  set('v', get(x)),
  whenAny('unusual',
    set('v', f32x4('abs', x)),
    set('tiny', f32x4('lt', 'v', SMALLEST_NORMAL)),
    set('shift', f32x4('add', v128('and', 'tiny', f32s(24)), v128('and', f32x4('eq', 'v', 0), f32s(Infinity)))),
    set('shift', f32x4('sub', 'shift', v128('andnot', 'v', f32x4('lt', 'v', Infinity)))),
    set('v', chosen('tiny', f32x4('mul', 'v', 2 ** 24), 'v')),
    ...more),
  set('bits', i32x4('sub', 'v', ROOT_HALF_BITS)),
  set('e', f32x4('sub', f32x4('convert_i32x4_s', shifted('shr_s', 'bits', 23)), 'shift')),
  set('f', f32x4('sub', i32x4('add', v128('and', 'bits', 0x7fffff), ROOT_HALF_BITS), 1)),
];

/** (2·artanh s − 2s)/s³ in s² for |s| ≤ tan²(π/8): fitted so that 2·artanh s misses by 2^-30 of itself at most. */
const SERIES = [0.66666776717201581, 0.3997749556528914, 0.29873073585310578];

/** So short that an exponent times it is exact. */
const LN2_HIGH = 0.693145751953125;

/**
 * The natural logarithm, within 2 units in the last place.
 *
 * log(1 + f) = 2·artanh s with s = f/(2 + f). Because 2s = f − s·f, the largest term can be f, which is exact.
 */
export const LOGARITHM: readonly MathFunction[] = [{
  name: 'log',
  params: 1,
  needs: [],
  code: vectorFunction('log', ['x'], [...SPLIT_LOCALS, 's', 'z', 'rest'], [
    // The bits of a true comparison are no number.
    ...splitExponent('x', set('shift', v128('or', 'shift', f32x4('lt', 'x', 0)))),
    set('s', f32x4('div', 'f', f32x4('add', 'f', 2))),
    set('z', f32x4('mul', 's', 's')),
    set('rest', f32x4('mul', 's', f32x4('sub', 'f', f32x4('mul', 'z', polynomial(f32x4, 'z', SERIES))))),
    set('rest', f32x4('add', f32x4('sub', 'f', 'rest'), f32x4('mul', 'e', Math.LN2 - LN2_HIGH))),
    f32x4('add', f32x4('mul', 'e', LN2_HIGH), 'rest'),
  ]),
}];
