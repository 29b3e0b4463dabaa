import type { MathFunction } from './function.ts';
import { f32x4, get, set, v128, vectorFunction } from './text.ts';

/** The leading 12 bits, so that a product of two such numbers is exact. */
const top = (x: string): string => v128('and', x, 0xfffff000);

/** What rounding took from the product of the locals a and b (Dekker 1971, with halves by their bits). */
const LOST_OF_PRODUCT = f32x4('add',
  f32x4('add',
    f32x4('add',
      f32x4('sub', f32x4('mul', 'a_high', 'b_high'), 'product'),
      f32x4('mul', 'a_high', 'b_low')),
    f32x4('mul', 'a_low', 'b_high')),
  f32x4('mul', 'a_low', 'b_low'));

/** What rounding took from the sum of the locals high and product (Knuth's TwoSum). */
const LOST_OF_SUM = f32x4('add',
  f32x4('sub', 'high', f32x4('sub', 'next', 'part')),
  f32x4('sub', 'product', 'part'));

/**
 * A sum and what its roundings lost, with one more product: (high, low, a, b) to the new high and low, two results.
 * Both corrections are exact, unless they underflow or a part overflows (Ogita, Rump and Oishi 2005).
 */
export const COMPENSATED: readonly MathFunction[] = [{
  name: 'add_product',
  params: 4,
  needs: [],
  code: vectorFunction('add_product', ['high', 'low', 'a', 'b'],
    ['product', 'next', 'part', 'a_high', 'a_low', 'b_high', 'b_low'], [
      set('product', f32x4('mul', 'a', 'b')),
      set('next', f32x4('add', 'high', 'product')),
      set('part', f32x4('sub', 'next', 'high')),
      set('a_high', top('a')),
      set('a_low', f32x4('sub', 'a', 'a_high')),
      set('b_high', top('b')),
      set('b_low', f32x4('sub', 'b', 'b_high')),
      get('next'),
      f32x4('add', 'low', f32x4('add', LOST_OF_SUM, LOST_OF_PRODUCT)),
    ], 'v128 v128'),
}];
