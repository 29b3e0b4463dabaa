import fc from 'fast-check';
import { expect, it } from 'vitest';
import { contractionFlops } from '../../dsl/contraction-flops.ts';
import { add, axis, dot, exp, input, sum, symbol } from '../../dsl/index.ts';
import { runs } from '../support/runs.ts';

const size = fc.integer({ min: 1, max: 50 });

it('counts a product and a sum for each pair that a contraction multiplies, whatever is done with it', () => fc.assert(
  fc.property(size, size, size, (m, n, k) => {
    const [Row, Col, Sum] = [axis('row', m), axis('col', n), axis('sum', k)];
    const [a, b] = [input('a', [Row, Sum]), input('b', [Sum, Col])];
    const product = dot(a, b, Sum);
    const flops = 2 * m * n * k;
    expect(contractionFlops([product.node])).toBe(flops);
    expect(contractionFlops([exp(product).node, sum(product, Row).node])).toBe(flops);
    expect(contractionFlops([add(product, dot(a, exp(b), Sum)).node])).toBe(2 * flops);
    expect(contractionFlops([exp(a).node, sum(b, Col).node])).toBe(0);
  }),
  runs(50),
));

it('grows with the sizes that a program receives, up to the largest', () => fc.assert(
  fc.property(size, size, (length, width) => {
    const [Pos, Sum] = [axis('pos', symbol('pos', 50)), axis('sum', width)];
    const { node } = dot(input('a', [Pos, Sum]), input('b', [Sum]), Sum);
    expect(contractionFlops([node], { pos: length })).toBe(2 * length * width);
    expect(contractionFlops([node])).toBe(2 * 50 * width);
  }),
  runs(50),
));
