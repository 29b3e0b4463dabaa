import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { interpret, type Environment } from '../../compiler/interpret/interpret.ts';
import { hoist } from '../../compiler/passes/hoist.ts';
import { add, axis, dot, exp, input, mul, parameter, softmax, type Node } from '../../dsl/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';

const In = axis('in', 9);
const Mid = axis('mid', 6);
const Out = axis('out', 7);
const Row = axis('row', 4);

/** x·(softmax(a)·b) + exp(c/2): everything but the last product and sum depends on weights alone. */
function weightHeavy(): Node {
  const w = dot(softmax(parameter('a', [In, Mid]), Mid), parameter('b', [Mid, Out]), Mid);
  return add(dot(input('x', [Row, In]), w, In), exp(mul(parameter('c', [Out]), 0.5))).node;
}

const numbers = (n: number, seed: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => Math.fround(Math.sin(seed + i * 1.3)));

const environment: Environment = {
  inputs: { x: { names: ['row', 'in'], sizes: [4, 9], data: numbers(36, 0) } },
  parameters: {
    a: { names: ['in', 'mid'], sizes: [9, 6], data: numbers(54, 1) },
    b: { names: ['mid', 'out'], sizes: [6, 7], data: numbers(42, 2) },
    c: { names: ['out'], sizes: [7], data: numbers(7, 3) },
  },
};

describe('binding time load', () => {
  test('law: derived weights, given as what makes them, change nothing', () => {
    const { roots, derived } = hoist([weightHeavy()]);
    const made = interpret([...derived.values()], environment);
    const parameters = Object.fromEntries([...derived.keys()].map((name, i) => [name, made[i]]));
    const [got] = interpret(roots, { ...environment, parameters });
    expect([...got.data]).toEqual([...interpret([weightHeavy()], environment)[0].data]);
  });

  onEveryDevice((device) => {
    test('the program reads derived weights only, and the load program the given ones', () => {
      const { programs: [program], load } = compile([{ name: 'p', outputs: { y: weightHeavy() } }], targetOf(device()));
      const read = program.kernels.flatMap((k) => k.cost.parameters);
      expect(read.every((name) => name.startsWith('derived:'))).toBe(true);
      expect(new Set(load?.kernels.flatMap((k) => k.cost.parameters))).toEqual(new Set(['a', 'b', 'c']));
      expect(program.kernels).toHaveLength(1);
    });

    test('loaded and run on the device, it computes the same', async () => {
      const got = await runGraph(device(), { y: weightHeavy() }, environment);
      const [want] = interpret([weightHeavy()], environment);
      // |terms| ≤ 9·6·1 + e: a few roundings of each in single precision.
      want.data.forEach((w, i) => expect(Math.abs(got['y'].data[i] - w)).toBeLessThanOrEqual(64 * 2 ** -24 * 8));
    });

    test('weights that are already loaded are not derived again', () => {
      const target = targetOf(device());
      const { layout } = compile([{ name: 'plain', outputs: { y: add(parameter('a', [In, Mid]), 1).node } }], target);
      expect(() => compile([{ name: 'later', outputs: { y: exp(parameter('a', [In, Mid])).node } }], target, layout))
        .not.toThrow();
    });
  });
});
