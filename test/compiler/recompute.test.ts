import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import type { ProgramSource } from '../../compiler/draft.ts';
import type { Target } from '../../compiler/target.ts';
import type { Dense } from '../../compiler/interpret/dense.ts';
import type { Program } from '../../compiler/program.ts';
import {
  add, axis, dot, grad, input, mul, parameter, rename, sub, sum, tanh, tensorOf, type AnyTensor, type Node, type Tensor,
} from '../../dsl/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { fusible, graphs } from '../../verify/arbitraries/graphs/index.ts';
import { gradients, leavesOf, lossOf } from '../grad/support.ts';
import { runSource } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { runs } from '../support/runs.ts';
import { updatesDiffer } from '../support/updates.ts';

const [ROWS, WIDTH] = [64, 32];

/** A layer of a net: which weight it has, which earlier value it begins with, and what comes after the product. */
interface Layer {
  readonly weight: number;
  readonly from: number;
  readonly then: 'tanh' | 'square' | 'nothing';
  /** Whether the value before is added. */
  readonly isAdded: boolean;
}

interface Net {
  readonly loss: AnyTensor;
  readonly names: readonly string[];
  readonly weights: readonly AnyTensor[];
  readonly gradients: readonly AnyTensor[];
}

const THEN: Readonly<Record<Layer['then'], (x: Tensor<'row' | 'from'>) => Tensor<'row' | 'from'>>> = {
  tanh, square: (x) => mul(x, mul(x, 0.1)), nothing: (x) => x,
};

/** Layers of square weights, what they are to make small, and how that depends on the weights. */
function net(layers: readonly Layer[], rows: number, width: number): Net {
  const [Row, From, To] = [axis('row', rows), axis('from', width), axis('to', width)];
  const values: Tensor<'row' | 'from'>[] = [input('x', [Row, From])];
  const names = [...new Set(layers.map((l) => `w${l.weight}`))];
  const own = new Map(names.map((name) => [name, parameter(name, [To, From])]));
  for (const { weight, from, then, isAdded } of layers) {
    const x = values[Math.max(0, values.length - 1 - from)];
    const made = rename(dot(x, own.get(`w${weight}`) ?? expect.unreachable('a weight'), From), To, From);
    values.push(isAdded ? add(THEN[then](made), values[values.length - 1]) : THEN[then](made));
  }
  const last = values[values.length - 1];
  const loss = sum(sum(mul(last, last), From), Row);
  const weights = [...own.values()];
  return { loss, names, weights, gradients: grad(loss, weights) };
}

const training = ({ loss, names, weights, gradients: by }: Net) => ({
  name: 'train', outputs: { loss: loss.node },
  updates: new Map(weights.map((w, i) => [names[i], sub(w, mul(by[i], 0.01)).node])),
});

/** Dense layers one after the other, each with a weight of its own. */
const chain = (depth: number): Net => net(
  Array.from({ length: depth }, (_, weight): Layer => ({ weight, from: 0, then: 'tanh', isAdded: false })), ROWS, WIDTH);

/** Nets whose layers may share weights, and skip others. */
const layered: fc.Arbitrary<readonly Layer[]> = fc.array(
  fc.record({
    weight: fc.nat(6), from: fc.nat(2), then: fc.constantFrom(...['tanh', 'square', 'nothing'] as const),
    isAdded: fc.boolean(),
  }),
  { minLength: 3, maxLength: 9, size: 'max' },
);

const compiled = (source: ProgramSource, target: Target, memory?: number): Program =>
  compile([memory === undefined ? source : { ...source, memory }], target).programs[0];

const flopsOf = ({ kernels }: Program): number => kernels.reduce((n, k) => n + k.cost.flops, 0);

const waves = (names: readonly string[], sizes: readonly number[], seed: number): Dense => ({
  names, sizes, data: Float64Array.from({ length: sizes.reduce((n, s) => n * s, 1) }, (_, i) =>
    Math.fround(Math.sin(seed + 1.7 * i) / 2)),
});

const environment = (rows: number, width: number) => ({
  inputs: { x: waves(['row', 'from'], [rows, width], 1) },
  parameters: Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`w${i}`, waves(['to', 'from'], [width, width], i)])),
});

/** A graph's values and how their loss depends on what it is given. */
function withGradients(outputs: readonly Node[]): Readonly<Record<string, Node>> {
  const loss = lossOf(outputs);
  const all = [...outputs, loss, ...gradients(loss, leavesOf([loss]))];
  return Object.fromEntries(all.map((node, i) => [`out${i}`, node]));
}

const usualRuns = { cpu: 40, webgpu: 8 } as const;

onEveryDevice((device, kind) => {
  describe('law: a program that may take less memory', () => {
    test('returns the same bits, in no more memory', () => fc.assert(
      fc.asyncProperty(fc.oneof(graphs, fusible), fc.constantFrom(0, 0.5, 0.8), async ({ outputs, env }, part) => {
        const source: ProgramSource = { name: 'test', outputs: withGradients(outputs) };
        const target = targetOf(device());
        const { arenaBytes } = compiled(source, target);
        const memory = arenaBytes * part;
        expect(compiled(source, target, memory).arenaBytes).toBeLessThanOrEqual(arenaBytes);
        const [plain, within] = [source, { ...source, memory }].map((s) => runSource(device(), s, env));
        expect(await within).toEqual(await plain);
      }),
      runs(usualRuns[kind]),
    ));

    test('replaces weights by what the interpreter makes of the old ones', () => fc.assert(
      fc.asyncProperty(layered, fc.constantFrom(0, 0.5, 0.8), async (layers, part) => {
        const source = training(net(layers, 16, 8));
        const memory = compiled(source, targetOf(device())).arenaBytes * part;
        const env = environment(16, 8);
        expect(await updatesDiffer(device(), { ...source, memory } as typeof source, env, 2)).toBeUndefined();
      }),
      runs(usualRuns[kind]),
    ));
  });

  describe('a training step of dense layers', () => {
    const depths = fc.integer({ min: 8, max: 24 });

    test('takes half of the memory where that is asked for, and at most half as much work again', () => fc.assert(
      fc.property(depths, (depth) => {
        const source = training(chain(depth));
        const target = targetOf(device());
        const whole = compiled(source, target);
        const half = compiled(source, target, whole.arenaBytes / 2);
        expect(half.arenaBytes).toBeLessThanOrEqual(whole.arenaBytes / 2);
        expect(flopsOf(half)).toBeLessThanOrEqual(1.5 * flopsOf(whole));
      }),
      runs(4),
    ));

    test('does the same work where it has memory enough', () => {
      const source = training(chain(8));
      const whole = compiled(source, targetOf(device()));
      expect(compiled(source, targetOf(device()), whole.arenaBytes)).toEqual(whole);
    });

    test('takes what it can where nothing suffices, and says which kernels run again', () => {
      const source = training(chain(12));
      const [whole, least] = [undefined, 0].map((memory) => compiled(source, targetOf(device()), memory));
      expect(least.arenaBytes).toBeLessThan(whole.arenaBytes / 2);
      expect(whole.kernels.filter((k) => k.name.startsWith('again_'))).toEqual([]);
      expect(least.kernels.filter((k) => k.name.startsWith('again_')).length)
        .toBe(least.kernels.length - whole.kernels.length);
    });

    test('has the same loss and gradients, bit by bit', async () => {
      const { loss, gradients: by } = chain(9);
      const outputs = Object.fromEntries([loss, ...by].map((t, i) => [`out${i}`, tensorOf(t.node).node]));
      const source: ProgramSource = { name: 'gradients', outputs };
      const env = environment(ROWS, WIDTH);
      const [whole, least] = [source, { ...source, memory: 0 }].map((s) => runSource(device(), s, env));
      expect(await least).toEqual(await whole);
    });
  });
});
