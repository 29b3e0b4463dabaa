import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { expect, test } from 'vitest';
import { rotationResidual, type RotationPairs } from '../../../verify/operators/rotation.ts';
import { runs } from '../../support/runs.ts';

const SIZE = 6;
const styles = fc.constantFrom<RotationPairs>('neighbours', 'halves');
const numbers = (count: number) => fc.array(fc.integer({ min: -9, max: 9 }), { minLength: count, maxLength: count });

/** Channels of pair m. */
const channels = (m: number, pairs: RotationPairs): readonly [number, number] =>
  (pairs === 'neighbours' ? [2 * m, 2 * m + 1] : [m, m + SIZE / 2]);

/** The matrix that turns and scales each pair by its own (a, −b; b, a). */
function ofBlocks(blocks: readonly (readonly [number, number])[], pairs: RotationPairs): Matrix {
  const G = Matrix.zeros(SIZE, SIZE);
  blocks.forEach(([a, b], m) => {
    const [x, y] = channels(m, pairs);
    G.set(x, x, a).set(x, y, -b).set(y, x, b).set(y, y, a);
  });
  return G;
}

/** Rotary embedding of one position: pair m by position · 10^(−m). */
const rotation = (position: number, pairs: RotationPairs): Matrix => ofBlocks(
  [0, 1, 2].map((m) => [Math.cos(position / 10 ** m), Math.sin(position / 10 ** m)]), pairs,
);

const digit = fc.integer({ min: -9, max: 9 });
const blocks = fc.array(fc.tuple(digit, digit), { minLength: 3, maxLength: 3 });

const commutator = (G: Matrix, R: Matrix): number => Matrix.sub(G.mmul(R), R.mmul(G)).norm('frobenius');

test('what commutes with every rotation has no residual', () => fc.assert(
  fc.property(blocks, styles, fc.integer({ min: 1, max: 100 }), (own, pairs, position) => {
    const G = ofBlocks(own, pairs);
    expect(commutator(G, rotation(position, pairs))).toBeLessThanOrEqual(1e-12 * (1 + G.norm('frobenius')));
    expect(rotationResidual(G.to1DArray(), SIZE, pairs)).toBe(0);
  }), runs(100),
));

test('the residual is the distance from the nearest such matrix', () => fc.assert(
  fc.property(numbers(SIZE ** 2), blocks, styles, (entries, other, pairs) => {
    const G = Matrix.from1DArray(SIZE, SIZE, entries);
    const norm = G.norm('frobenius');
    fc.pre(norm > 0);
    const distance = Matrix.sub(G, ofBlocks(other, pairs)).norm('frobenius');
    expect(rotationResidual(entries, SIZE, pairs)).toBeLessThanOrEqual(distance / norm + 1e-12);
  }), runs(200),
));

test('what has a residual does not commute', () => fc.assert(
  fc.property(numbers(SIZE ** 2), styles, (entries, pairs) => {
    fc.pre(rotationResidual(entries, SIZE, pairs) > 1e-3);
    const G = Matrix.from1DArray(SIZE, SIZE, entries);
    const apart = Math.max(...[1, 2, 37].map((p) => commutator(G, rotation(p, pairs))));
    expect(apart).toBeGreaterThan(1e-6);
  }), runs(100),
));
