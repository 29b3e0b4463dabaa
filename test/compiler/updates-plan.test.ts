import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { draft } from '../../compiler/draft.ts';
import { CPU_TARGET, type Target } from '../../compiler/target.ts';
import { verifyOrder } from '../../compiler/plan/verify-order.ts';
import type { Program } from '../../compiler/program.ts';
import {
  add, axis, div, dot, input, mul, parameter, softmax, sqrt, sub, type Node, type Tensor, type WeightStorage,
} from '../../dsl/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { onEveryDevice } from '../support/every-device.ts';

const Row = axis('row', 12);
const Col = axis('col', 20);
const Batch = axis('batch', 6);

type Matrix = Tensor<'row' | 'col'>;

/** A parameter and its moments, from a gradient. */
function adam(name: string, p: Matrix, g: Matrix): readonly (readonly [string, Node])[] {
  const [m, v] = ['m', 'v'].map((moment) => parameter(`adam.${moment}.${name}`, [Row, Col]));
  const m2 = add(mul(m, 0.9), mul(g, 0.1));
  const v2 = add(mul(v, 0.99), mul(mul(g, g), 0.01));
  const p2 = sub(p, mul(input('learningRate', []), div(m2, add(sqrt(v2), 1e-8))));
  return [[name, p2.node], [`adam.m.${name}`, m2.node], [`adam.v.${name}`, v2.node]];
}

const compiled = (updates: ReadonlyMap<string, Node>, target: Target = CPU_TARGET): Program =>
  compile([{ name: 'train', outputs: {}, updates }], target).programs[0];

const [a, b] = ['a', 'b'].map((name) => parameter(name, [Row, Col]));

describe('updates in place', () => {
  onEveryDevice((device) => {
    test('one kernel stores a parameter and its moments, and needs no memory but theirs', () => {
      const gradient = input('g', [Row, Col]);
      const updates = new Map(adam('a', a, gradient));
      const { programs: [program], layout } = compile([{ name: 'train', outputs: {}, updates }], targetOf(device()));
      expect(program.kernels).toHaveLength(1);
      expect(program.arenaBytes).toBe(0);
      expect(program.updates).toEqual(['a', 'adam.m.a', 'adam.v.a']);
      const written = program.kernels[0].bindings.filter((x) => x.access === 'write').map((x) => x.region.offset);
      expect(new Set(written)).toEqual(new Set(Object.values(layout.weights).map((w) => w.offset)));
      // Three numbers and a gradient are read for each entry, and three are written.
      const [entries, rate] = [12 * 20, 1];
      expect(program.kernels[0].cost.bytesRead).toBe(4 * (4 * entries + rate));
      expect(program.kernels[0].cost.bytesWritten).toBe(4 * 3 * entries);
    });

    test('gradients are contractions: two kernels for each parameter', () => {
      const [x, error] = [input('x', [Batch, Row]), input('error', [Batch, Col])];
      const gradients = [dot(x, error, Batch), dot(mul(x, x), error, Batch)];
      const updates = new Map([...adam('a', a, gradients[0]), ...adam('b', b, gradients[1])]);
      const { kernels } = compiled(updates, targetOf(device()));
      expect(kernels.filter((k) => k.name.startsWith('map'))).toHaveLength(2);
    });
  });

  test('weights that change places need memory for one of them', () => {
    const program = compiled(new Map([['a', b.node], ['b', a.node]]));
    expect(program.arenaBytes).toBe(1024);
    expect(program.kernels).toHaveLength(3);
  });

  test('what reads the old weight runs first', () => {
    const grown = add(a, 1);
    const program = compile([{
      name: 'train', outputs: { later: mul(grown, dot(softmax(a, Col), input('x', [Col]), Col)).node },
      updates: new Map([['a', grown.node]]),
    }], CPU_TARGET).programs[0];
    const writer = program.kernels.findIndex((k) =>
      k.bindings.some((x) => x.access === 'write' && x.region.space === 'weights'));
    const readers = program.kernels.flatMap((k, i) =>
      (k.bindings.some((x) => x.access === 'read' && x.region.space === 'weights') ? [i] : []));
    expect(writer).toBeGreaterThanOrEqual(Math.max(...readers));
  });

  test('a weight that stays as it is is none', () => {
    expect(compiled(new Map([['a', a.node]]))).toMatchObject({ kernels: [], updates: [] });
  });

  test('a weight that is only written has a place', () => {
    const { programs, layout } = compile([
      { name: 'train', outputs: {}, updates: new Map([['seen', input('x', [Row, Col]).node]]) },
    ], CPU_TARGET);
    expect(Object.keys(layout.weights)).toEqual(['seen']);
    expect(programs[0].kernels[0].bindings.at(-1)?.region).toMatchObject({ space: 'weights', offset: 0 });
  });
});

describe('the check of an order', () => {
  const outputs = { y: dot(a, input('x', [Col]), Col).node };
  const drafted = draft({ name: 'train', outputs, updates: new Map([['a', mul(a, 0.5).node]]) }, CPU_TARGET);
  const check = (kernels: typeof drafted.kernels) => () =>
    verifyOrder(kernels, drafted.overwrites, (key) => !['map', 'dot'].includes(drafted.nodes.get(key)?.kind ?? ''));

  test('passes the one that was found', () => expect(check(drafted.kernels)).not.toThrow());

  test('refuses a kernel that reads a weight after another has overwritten it', () =>
    expect(check(drafted.kernels.toReversed())).toThrow('reads a weight that was overwritten before'));

  test('refuses two such kernels side by side', () => {
    const { kernels } = drafted;
    const together = { computations: kernels.flatMap((k) => k.computations), nests: kernels.flatMap((k) => k.nests) };
    expect(check([together])).toThrow('that other cells overwrite');
  });
});

describe('updates and weights that are made of others', () => {
  const source = (updates?: ReadonlyMap<string, Node>) =>
    ({ name: 'p', outputs: { y: dot(input('x', [Row]), softmax(a, Col), Row).node }, ...(updates && { updates }) });

  test('nothing is made in advance of a weight that any of the programs updates', () => {
    expect(draft(source(), CPU_TARGET, () => true).derived.size).toBe(1);
    const changing = { name: 'train', outputs: {}, updates: new Map([['a', mul(a, 0.5).node]]) };
    expect(compile([source(), changing], CPU_TARGET).load).toBeUndefined();
  });

  test('and no later program may update what was used so', () => {
    const { layout } = compile([source(), { name: 'all', outputs: { a: add(a, 1).node } }], CPU_TARGET);
    const changing = { name: 'train', outputs: {}, updates: new Map([['a', mul(a, 0.5).node]]) };
    expect(() => compile([changing], CPU_TARGET, layout))
      .toThrow(expect.objectContaining({ code: 'compiler/update-derived' }));
  });
});

describe('updates that cannot be made', () => {
  const outputs = { a: add(a, 0).node, b: add(b, 0).node };
  const refused = (updates: ReadonlyMap<string, Node>, storage: WeightStorage = 'f32', bindingBytes = 2 ** 20) => () =>
    compile([{ name: 'train', outputs, updates }], { ...CPU_TARGET, bindingBytes }, undefined, () => storage);
  const error = (...texts: readonly string[]) =>
    expect.objectContaining({ code: 'compiler/update', message: expect.stringMatching(texts.join('.*')) });

  test('all are named at once: other axes, or another order of them', () => {
    const turned = dot(input('x', [Col, Batch]), input('y', [Batch, Row]), Batch);
    expect(refused(new Map([['a', turned.node], ['b', input('z', [Row]).node]])))
      .toThrow(error('"a" is f32.*col: 20, row: 12', '"b"', 'row: 12'));
  });

  test('weights in fewer bits, and weights in parts', () => {
    const updates = new Map([['a', mul(a, 0.5).node]]);
    expect(refused(updates, 'bf16')).toThrow(error('kept as bf16'));
    expect(refused(updates, 'f32', 512)).toThrow(error('split into parts'));
  });
});
