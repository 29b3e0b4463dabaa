import { chosen, maskOfBit } from './bits.ts';
import type { MathFunction } from './function.ts';
import { f32x4, get, i32x4, set, shifted, v128, vectorFunction } from './text.ts';

/** Shifts differ between lanes, and no instruction does that: by the bits of the amount, each a shift or none. */
const shiftedByTop4 = [0, 1, 2, 3].map((bit) => set('word',
  chosen(maskOfBit(28 + bit, 'x'), shifted('shr_u', 'word', 1 << bit), 'word')));

/** The hash of `compiler/interpret/random.ts` on four words. */
const permute: MathFunction = {
  name: 'random_permute',
  params: 1,
  needs: [],
  code: vectorFunction('random_permute', ['x'], ['word'], [
    set('x', i32x4('add', i32x4('mul', 'x', 747796405), 2891336453)),
    set('word', shifted('shr_u', 'x', 4)),
    ...shiftedByTop4,
    set('word', i32x4('mul', v128('xor', 'word', 'x'), 277803737)),
    v128('xor', shifted('shr_u', 'word', 22), 'word'),
  ]),
};

/** Four draws from [0, 1): (four indices, a seed of one i32) to the numbers that the interpreter draws. */
export const RANDOM: readonly MathFunction[] = [permute, {
  name: 'random_uniform',
  params: 2,
  needs: ['random_permute'],
  code: `(func $random_uniform (param $index v128) (param $seed i32) (result v128)
  ${f32x4('mul', f32x4('convert_i32x4_s', shifted('shr_u', `(call $random_permute ${
    i32x4('add', `(call $random_permute ${get('index')})`, `(i32x4.splat ${get('seed')})`)})`, 8)), 2 ** -24)})`,
}];
