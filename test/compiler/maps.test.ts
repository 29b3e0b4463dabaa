import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  add, axis, exp, input, iota, less, mul, parameter, pow, slice, tanh, where, type Axis, type Tensor,
} from '../../dsl/index.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { runs } from '../support/runs.ts';

type Row = Tensor<'row' | 'column'>;

/** Every kind of operation and operand that entries side by side can have. */
const MADE: Readonly<Record<string, (x: Row, Column: Axis<'column'>, size: number) => Row>> = {
  'numbers alone': (x, Column) => add(mul(x, parameter('gain', [Column])), 1),
  'functions of our own': (x) => add(exp(x), mul(tanh(x), pow(add(mul(x, x), 1), 1.5))),
  'where they stand': (x, Column) => where(less(iota(Column), 3), mul(x, iota(Column)), x),
  'neighbours of multiples of four': (x, _, size) => {
    const Wide = axis('column', size + 4);
    return add(slice(parameter('wide', [Wide]), Wide, 1, size), x);
  },
};

const columns = fc.oneof(fc.integer({ min: 1, max: 3 }).map((n) => 4 * n), fc.integer({ min: 1, max: 13 }));

const waves = (count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => Math.fround(Math.sin(1.7 * i)));

onEveryDevice((device, kind) => {
  test.each(Object.entries(MADE))('four entries at once are what each is alone: %s', (_, made) => fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), columns, async (rows, size) => {
      const [Rows, Column] = [axis('row', rows), axis('column', size)];
      const { node } = made(input('x', [Rows, Column]), Column, size);
      const env = {
        inputs: { x: { names: ['row', 'column'], sizes: [rows, size], data: waves(rows * size) } },
        parameters: {
          gain: { names: ['column'], sizes: [size], data: waves(size) },
          wide: { names: ['column'], sizes: [size + 4], data: waves(size + 4) },
        },
        sizes: {},
      };
      const { out } = await runGraph(device(), { out: node }, env);
      const [expected] = interpretWithBounds([node], env);
      expect(firstOutside('out', out, expected)).toBeUndefined();
    }),
    runs(kind === 'cpu' ? 60 : 15),
  ));
});
