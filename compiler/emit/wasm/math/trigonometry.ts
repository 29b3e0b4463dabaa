import { chosen, clamped, maskOfBit, ROUNDER, SIGN_BIT } from './bits.ts';
import type { MathFunction } from './function.ts';
import { f32x4, get, i32x4, polynomial, set, shifted, v128, vectorFunction } from './text.ts';

/**
 * π/2 in three parts (Cody and Waite 1980): the first two of 8 bits, so that integers below 2^16 times them are exact.
 */
const QUARTER_TURN = [201 / 128, 127 / 2 ** 18, Math.PI / 2 - 201 / 128 - 127 / 2 ** 18];

/** (sin r − r)/r³ and (cos r − 1 + r²/2)/r⁴ in r², for |r| ≤ π/4: fitted within 2^-27. */
const SINE_SERIES = [-0.16666654225554769, 0.0083321314971656034, -0.00019510839140680987];
const COSINE_SERIES = [0.041666644367704751, -0.0013887251482025598, 0.000024425681279245011];

/** x less n quarter turns. */
const reduced = QUARTER_TURN.reduce((x, part) => f32x4('sub', x, f32x4('mul', 'n', part)), 'x');

/** The sine of x and so many quarter turns. */
const sine = (name: string, turns: number): MathFunction => ({
  name,
  params: 1,
  needs: [],
  code: vectorFunction(name, ['x'], ['t', 'n', 'r', 'z', 'turns', 'sine', 'cosine'], [
    set('t', f32x4('add', f32x4('mul', 'x', 2 / Math.PI), ROUNDER)),
    set('n', f32x4('sub', 't', ROUNDER)),
    // Far out, the rest is rounding error alone; but no result may exceed 1.
    set('r', clamped(reduced, -0.8, 0.8)),
    set('z', f32x4('mul', 'r', 'r')),
    set('sine', f32x4('mul', 'r', f32x4('add', 1, f32x4('mul', 'z', polynomial(f32x4, 'z', SINE_SERIES))))),
    set('cosine', f32x4('add', 1, f32x4('mul', 'z', polynomial(f32x4, 'z', [-0.5, ...COSINE_SERIES])))),
    set('turns', turns === 0 ? get('t') : i32x4('add', 't', turns)),
    v128('xor', chosen(maskOfBit(0, 'turns'), 'cosine', 'sine'), v128('and', shifted('shl', 'turns', 30), SIGN_BIT)),
  ]),
});

/** Sine and cosine with an absolute error of at most 2^-22 where |x| ≤ 1e5; beyond that, within −1 … 1 only. */
export const TRIGONOMETRY: readonly MathFunction[] = [sine('sin', 0), sine('cos', 1)];
