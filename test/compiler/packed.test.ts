import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { draft } from '../../compiler/draft.ts';
import { CPU_TARGET } from '../../compiler/target.ts';
import { add, axis, clipByValue, dot, input, mul, sub, tensorOf, type AnyTensor, type Axis } from '../../dsl/index.ts';
import { schedulesFor, targetBy } from '../deep/schedule.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { runs } from '../support/runs.ts';

interface Sizes { readonly batch: number; readonly range: number; readonly rows: number; readonly columns: number }

interface Axes { readonly batch: Axis; readonly range: Axis; readonly rows: Axis; readonly columns: Axis }

/** Around multiples of vectors, of blocks and of chunks of the range. */
const sizes: fc.Arbitrary<Sizes> = fc.record({
  batch: fc.integer({ min: 1, max: 2 }), range: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom(255, 256, 300)),
  rows: fc.integer({ min: 4, max: 70 }), columns: fc.integer({ min: 30, max: 70 }),
});

type Made = (a: AnyTensor, b: AnyTensor, c: AnyTensor, d: AnyTensor, axes: Axes) => AnyTensor;

/** What is made of `a` and `c` [batch, range, rows], `b` and `d` [batch, range, columns]. */
const MADE: Readonly<Record<string, Made>> = {
  'rows that lie far apart': (a, b, _c, _d, { range }) => dot(a, b, range),
  'factors that are computed': (a, b, c, d, { range }) => dot(mul(a, c), mul(b, d), range),
  'two totals': (a, b, c, d, { range }) => sub(dot(a, b, range), dot(c, d, range)),
  'what follows the totals': (a, b, c, d, { range, rows, columns }) => clipByValue(
    mul(add(dot(a, b, range), dot(c, d, range)), add(input('e', [columns]), input('f', [rows]))), 0.5,
  ),
};

function made(build: Made, s: Sizes) {
  const axes = {
    batch: axis('batch', s.batch), range: axis('range', s.range), rows: axis('rows', s.rows), columns: axis('columns', s.columns),
  };
  const { batch, range, rows, columns } = axes;
  const ofRows = [batch, range, rows];
  const ofColumns = [batch, range, columns];
  const inputs = { a: ofRows, b: ofColumns, c: ofRows, d: ofColumns, e: [columns], f: [rows] };
  const tensor = (name: keyof typeof inputs): AnyTensor => tensorOf(input(name, inputs[name]).node);
  return { inputs, root: build(tensor('a'), tensor('b'), tensor('c'), tensor('d'), axes).node };
}

const waves = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => Math.fround(Math.sin(seed + 1.7 * i)));

const sizeOf = ({ size }: Axis): number => (typeof size === 'number' ? size : size.max);

onEveryDevice((device, kind) => {
  const schedules = schedulesFor(kind);

  describe('products of matrices whose range is outside are what the interpreter makes of them', () => {
    test.each(Object.entries(MADE))('with %s', (_, build) => fc.assert(
      fc.asyncProperty(sizes, schedules, async (s, schedule) => {
        const { inputs, root } = made(build, s);
        const env = {
          inputs: Object.fromEntries(Object.entries(inputs).map(([name, axes], i) => [name, {
            names: axes.map((a) => a.name), sizes: axes.map(sizeOf),
            data: waves(axes.reduce((n, a) => n * sizeOf(a), 1), i),
          }])),
          parameters: {}, sizes: {},
        };
        const { out } = await runGraph(device(), { out: root }, env, targetBy(schedule, device()));
        const [expected] = interpretWithBounds([root], env);
        expect(firstOutside('out', out, expected)).toBeUndefined();
      }),
      runs(kind === 'cpu' ? 40 : 8),
    ));
  });
});

test('a thread with vectors lays rows that lie far apart side by side, once for all columns', () => {
  const nestsOf = (columns: number) => draft(
    { name: 'test', outputs: { out: made(MADE['rows that lie far apart'], { batch: 1, range: 300, rows: 40, columns }).root } },
    CPU_TARGET,
  ).kernels.flatMap((k) => k.nests);
  expect(nestsOf(64).flatMap((n) => n.locals.map((l) => l.name))).toEqual(['local:panel0', 'local:totals0']);
  expect(nestsOf(8).flatMap((n) => n.locals)).toEqual([]);
});
