import { chosen, withSignOf } from './bits.ts';
import type { MathFunction } from './function.ts';
import { f32x4, i32x4, set, shifted, v128, vectorFunction } from './text.ts';

/*
 * A binary16 has ten digits of a single's 23, and exponents from −14 on; below, it counts in steps of 2^−24. So a large
 * number is rounded by a carry into the digits that stay, and a small one as an integer.
 */

const SIZE_BITS = 0x7fffffff;
/** The bits of 2^−14, 2^16 and ∞ as singles. */
const LEAST_BITS = 0x38800000;
const BEYOND_BITS = 0x47800000;
const INFINITY_BITS = 0x7f800000;

/** Half of what is cut off, less what makes a tie go to the even one. */
const carried = i32x4('add', i32x4('add', 'size', 0xfff), v128('and', shifted('shr_u', 'size', 13), 1));

const steps = f32x4('nearest', f32x4('mul', 'size', 2 ** 24));

/** The nearest binary16, as a single. */
export const BINARY16: readonly MathFunction[] = [
  {
    name: 'nearest_f16',
    params: 1,
    needs: [],
    code: vectorFunction('nearest_f16', ['x'], ['size', 'cut'], [
      set('size', v128('and', 'x', SIZE_BITS)),
      set('cut', v128('and', carried, ~0x1fff)),
      set('cut', chosen(i32x4('ge_u', 'cut', BEYOND_BITS), INFINITY_BITS, 'cut')),
      set('cut', chosen(i32x4('lt_u', 'size', LEAST_BITS), f32x4('mul', steps, 2 ** -24), 'cut')),
      chosen(i32x4('gt_u', 'size', INFINITY_BITS), 'x', withSignOf('x', 'cut')),
    ]),
  },
];
