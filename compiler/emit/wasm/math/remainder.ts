import { withSignOf } from './bits.ts';
import type { MathFunction } from './function.ts';
import { f32x4, f64x2, get, picked, set, v128, vectorFunction } from './text.ts';

/** A quotient of singles below this, rounded to a double, has the right integer part. */
const EXACT_BELOW = 2 ** 29;

const half = (starts: readonly number[], name: string): string =>
  f64x2('promote_low_f32x4', picked(starts, f32x4('abs', name), get(name)));

/**
 * The exact remainder of two lanes of doubles that are singles, a ≥ 0 and b ≥ 0. A quotient of more than 29 bits is
 * worked off by its leading 29, rounded down: they times b fit a double, and what is left is exact too.
 */
const ofPairs: MathFunction = {
  name: 'mod_pair',
  params: 2,
  needs: [],
  code: vectorFunction('mod_pair', ['a', 'b'], ['q', 'more'], [
    '(loop $again',
    set('q', f64x2('div', 'a', 'b')),
    set('more', v128('and', f64x2('ge', 'q', EXACT_BELOW), f64x2('lt', 'q', Infinity))),
    set('q', v128('andnot', `(i64x2.add ${get('q')} ${get('more')})`,
      v128('and', 'more', '(v128.const i64x2 0xffffff 0xffffff)'))),
    set('q', f64x2('trunc', 'q')),
    // Without a product where b is infinite and a is not: 0 times it is no number.
    set('a', f64x2('sub', 'a', v128('and', f64x2('mul', 'q', 'b'), f64x2('ne', 'q', 0)))),
    `(br_if $again ${v128('any_true', 'more')}))`,
    get('a'),
  ]),
};

/** The remainder with the sign of the dividend, as `%` of JavaScript has it: exact. */
export const REMAINDER: readonly MathFunction[] = [ofPairs, {
  name: 'mod',
  params: 2,
  needs: ['mod_pair'],
  code: vectorFunction('mod', ['a', 'b'], [], [
    withSignOf('a', picked([0, 16],
      f32x4('demote_f64x2_zero', `(call $mod_pair ${half([0, 0], 'a')} ${half([0, 0], 'b')})`),
      f32x4('demote_f64x2_zero', `(call $mod_pair ${half([8, 8], 'a')} ${half([8, 8], 'b')})`))),
  ]),
}];
