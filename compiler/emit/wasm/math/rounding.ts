import { chosen, ONE_BITS, withSignOf } from './bits.ts';
import type { MathFunction } from './function.ts';
import { f32x4, i32s, vectorFunction } from './text.ts';

/** The nearest integer, ties to even; and the sign, −1, 0 or 1, which keeps −0 and what is no number. */
export const ROUNDING: readonly MathFunction[] = [
  { name: 'round', params: 1, needs: [], code: vectorFunction('round', ['x'], [], [f32x4('nearest', 'x')]) },
  {
    name: 'sign',
    params: 1,
    needs: [],
    code: vectorFunction('sign', ['x'], [], [
      chosen(f32x4('gt', f32x4('abs', 'x'), 0), withSignOf('x', i32s(ONE_BITS)), 'x'),
    ]),
  },
];
