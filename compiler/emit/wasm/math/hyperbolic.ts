import { clamped, powerOfTwo, withSignOf } from './bits.ts';
import { reducedByLn2 } from './exponential.ts';
import type { MathFunction } from './function.ts';
import { f32x4, polynomialByPairs, set, vectorFunction } from './text.ts';

/** (e^r − 1 − r)/r² for |r| ≤ ½·ln 2: fitted so that e^r − 1 misses by 2^-31 of itself at most. */
const SERIES = [
  0.50000000449293214, 0.16666666365253913, 0.041666357373392693, 0.0083333900277192084, 0.0013940926733404663,
  0.00019845900860984033,
];

/**
 * The hyperbolic tangent, within 4 units in the last place: e/(e + 2) with e = exp(2|x|) − 1, computed without the
 * cancellation at small x. Beyond 10 the result is ±1 to the last bit.
 */
export const HYPERBOLIC: readonly MathFunction[] = [{
  name: 'tanh',
  params: 1,
  needs: [],
  code: vectorFunction('tanh', ['x'], ['twice', 'k', 'n', 'r', 'square', 'e', 'scale'], [
    set('twice', clamped(f32x4('abs', 'x'), 0, 10)),
    set('twice', f32x4('add', 'twice', 'twice')),
    ...reducedByLn2('twice'),
    set('scale', powerOfTwo('k')),
    set('e', f32x4('add', 'r', f32x4('mul', 'square', polynomialByPairs(f32x4, 'r', 'square', SERIES)))),
    set('e', f32x4('add', f32x4('mul', 'e', 'scale'), f32x4('sub', 'scale', 1))),
    withSignOf('x', f32x4('div', 'e', f32x4('add', 'e', 2))),
  ]),
}];
