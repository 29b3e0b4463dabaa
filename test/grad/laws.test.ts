import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dense } from '../../compiler/interpret/dense.ts';
import { interpret, type Environment } from '../../compiler/interpret/interpret.ts';
import { simplify } from '../../compiler/passes/simplify.ts';
import { stage } from '../../compiler/passes/stage.ts';
import {
  add, axis, dot, gather, grad, half, input, iota, linear, map, mul, parameter, pow, scatterAdd, softmax, stopGradient,
  sub, sum, tanh, tensorOf, traced, where, type AnyTensor, type Tensor,
} from '../../dsl/index.ts';
import { rewrite, topological } from '../../dsl/graph.ts';
import type { RicciError } from '../../dsl/errors.ts';
import { applyOp } from '../../dsl/scalar/expr.ts';
import type { Node } from '../../dsl/node.ts';
import { makeQuantize } from '../../dsl/nodes/quantize.ts';
import { makeAppend } from '../../dsl/nodes/staging.ts';
import { fusible, graphs } from '../../verify/arbitraries/graphs/index.ts';
import * as ops from '../../verify/arbitraries/graphs/ops.ts';
import { environmentFor } from '../../verify/arbitraries/graphs/values.ts';
import { firstApartFrom } from './close.ts';
import { runs } from '../support/runs.ts';
import { expectSame } from '../support/same.ts';
import { gradients, leavesOf, lossOf } from './support.ts';

const anyGraph = fc.oneof(graphs, fusible);
const scale = fc.constantFrom(2, -1, 0.25, 0);

describe('gradients', () => {
  test('are linear in the loss', () => {
    fc.assert(fc.property(anyGraph, scale, scale, (c, p, q) => {
      const outputs = withoutHalves(c.outputs);
      const [one, two] = [lossOf(outputs, 1), lossOf(outputs, 100)];
      const wrt = leavesOf([one]);
      const both = ops.add(ops.mul(one, ops.number(p)), ops.mul(two, ops.number(q)));
      const apart = [gradients(one, wrt), gradients(two, wrt)].map((g) => interpret(g, c.env));
      const together = interpret(gradients(both, wrt), c.env);
      together.forEach(({ data }, i) => {
        const [a, b] = apart.map((g) => g[i].data);
        expect(firstApartFrom(data, data.map((_, j) => p * a[j] + q * b[j]), [a, b])).toBeUndefined();
      });
    }), runs(100));
  });

  test('do not see whether a graph was simplified, or staged', () => {
    fc.assert(fc.property(graphs, (c) => {
      const loss = lossOf(c.outputs);
      const wrt = leavesOf([loss]);
      const staged = stage([loss], { supplied: new Set(), kept: new Set(), caches: 'none' }).outputs[0];
      const expected = interpret(gradients(loss, wrt), c.env);
      expectSame(interpret(simplify(gradients(loss, wrt)), c.env), expected);
      interpret(gradients(staged, wrt), c.env).forEach(({ data }, i) => {
        expect(firstApartFrom(data, expected[i].data, [])).toBeUndefined();
      });
    }), runs(100));
  });
});

/** What is rounded is not in proportion. */
const withoutHalves = (roots: readonly Node[]): readonly Node[] =>
  rewrite(roots, (n) => (n.kind === 'quantize' ? n.x : n));

const x = input('x', []);
const at = (value: number): Environment =>
  ({ inputs: { x: { names: [], sizes: [], data: Float64Array.of(value) } } });
const valueAt = (y: AnyTensor, value: number): number => interpret([y.node], at(value))[0].data[0];

/** The n-th derivative of a function of one number. */
const derivative = (y: Tensor<never>, n: number): Tensor<never> => (n === 0 ? y : derivative(grad(y, [x])[0], n - 1));

describe('derivatives of derivatives', () => {
  test.each<readonly [string, Tensor<never>, number, (v: number) => number]>([
    ['x³', pow(x, 3), 2, (v) => 6 * v],
    ['x³, three times', mul(mul(x, x), x), 3, () => 6],
    ['e^(2x), four times', map(traced(1, (u) => u.mul(2).exp()), x), 4, (v) => 16 * Math.exp(2 * v)],
    ['sin', map(traced(1, (u) => u.sin()), x), 3, (v) => -Math.cos(v)],
    ['tanh', tanh(x), 2, (v) => -2 * Math.tanh(v) * (1 - Math.tanh(v) ** 2)],
    ['x^x', pow(x, x), 2, (v) => v ** v * ((1 + Math.log(v)) ** 2 + 1 / v)],
  ])('of %s', (_, y, n, expected) => {
    for (const v of [0.3, 1, 1.7]) expect(valueAt(derivative(y, n), v)).toBeCloseTo(expected(v), 9);
  });

  test('of a quadratic form are its matrix and its transpose', () => {
    const [A, B] = [axis('a', 3), axis('b', 3)];
    const [v, M] = [input('v', [A]), input('M', [A, B])];
    const form = sum(mul(dot(M, tensorOf<'b'>(ops.rename(v.node, 'a', B)), B), v), A);
    const [first] = grad(form, [v]);
    const rows = grad(sum(mul(first, where(sub(iota(A), 1), 0, 1)), A), [v]);
    const env = environmentFor([form.node], 3, {});
    const m = env.inputs?.['M'].data ?? new Float64Array();
    const expected = [0, 1, 2].map((j) => m[3 + j] + m[3 * j + 1]);
    interpret([rows[0].node], env)[0].data.forEach((g, j) => expect(g).toBeCloseTo(expected[j], 12));
  });
});

const [Vocab, Pos, Embed] = [axis('vocab', 9), axis('pos', 5), axis('embed', 4)];
const ids = input('ids', [Pos], 'i32');

describe('reading and adding up by index', () => {
  test('are each other\'s adjoints: ⟨gather(w), r⟩ = ⟨w, scatterAdd(r)⟩ where the indices lie inside', () => {
    const [w, r] = [parameter('w', [Vocab, Embed]), input('r', [Pos, Embed])];
    const [byWeight] = grad(sum(sum(mul(gather(w, Vocab, ids), r), Pos), Embed), [w]);
    const [byRows] = grad(sum(sum(mul(scatterAdd(r, ids, Pos, Vocab), w), Vocab), Embed), [r]);
    const index = { names: ['pos'], sizes: [5], data: Float64Array.of(3, 0, 3, 8, 1) };
    const env = environmentFor([w.node, r.node, ids.node], 1, {});
    const given = { ...env, inputs: { ...env.inputs, ids: index } };
    const direct = [scatterAdd(r, ids, Pos, Vocab).node, gather(w, Vocab, ids).node];
    expectSame(interpret([byWeight.node, byRows.node], given), interpret(direct, given));
  });
});

describe('stopGradient', () => {
  test('counts as a constant', () => {
    expect(valueAt(grad(mul(x, stopGradient(mul(x, x))), [x])[0], 3)).toBe(9);
    expect(valueAt(grad(stopGradient(mul(x, x)), [x])[0], 3)).toBe(0);
  });

  test('hides what has no derivative', () => {
    const hidden = stopGradient(tensorOf<never>(makeQuantize(x.node, 'int8', ops.NOWHERE)));
    expect(valueAt(grad(mul(x, hidden), [x])[0], 3)).toBe(3);
  });
});

const kinds = (roots: readonly AnyTensor[], kind: Node['kind']): number =>
  topological(simplify(roots.map((r) => r.node))).filter((n) => n.kind === kind).length;

describe('the graph of a gradient', () => {
  const [Batch, Out] = [axis('batch', 3), axis('out', 6)];
  const rows = input('rows', [Batch, Pos, Embed]);
  const [weight, bias] = [parameter('weight', [Out, Embed]), parameter('bias', [Out])];
  const y = linear(rows, Embed, weight, bias);
  const loss = sum(sum(sum(mul(y, input('r', [Batch, Pos, Out])), Out), Pos), Batch);

  test('of a weight that many rows are multiplied with is one contraction, in the order of the weight', () => {
    const [byWeight] = grad(loss, [weight]);
    expect(kinds([byWeight], 'dot')).toBe(1);
    expect(kinds([byWeight], 'reduce')).toBe(0);
    expect(byWeight.node.kind).toBe('dot');
    const [byBias] = grad(loss, [bias]);
    expect([kinds([byBias], 'reduce'), kinds([byBias], 'map')]).toEqual([1, 0]);
  });

  test('has no adjoint along an axis that it is constant along', () => {
    const [byRows] = grad(sum(sum(sum(y, Out), Pos), Batch), [rows]);
    const sizes = topological([byRows.node]).filter((n) => n.kind === 'reduce' || n.kind === 'dot');
    expect(sizes.map((n) => n.axes.map((a) => a.name))).toEqual([['embed']]);
  });

  test('of a softmax has no maximum', () => {
    const scores = input('scores', [Pos, Embed]);
    const [g] = grad(sum(sum(mul(softmax(scores, Embed), rowsOf), Embed), Pos), [scores]);
    const maxima = topological([g.node]).filter((n) => n.kind === 'reduce' && n.monoid === 'max');
    expect(maxima.length).toBe(1);
  });

  const rowsOf = input('rows_of', [Pos, Embed]);
});

describe('half precision', () => {
  const number = fc.double({ min: -200, max: 200, noNaN: true });
  const rounded = (value: number): number => applyOp('toF16', value);
  const along = (name: string, values: readonly number[]): Dense =>
    ({ names: [name], sizes: [values.length], data: Float64Array.from(values) });

  test('law: the rounding counts as the identity', () => {
    fc.assert(fc.property(number, (value) => {
      const y = half(x);
      expect(valueAt(y, value)).toBe(rounded(value));
      expect(valueAt(grad(mul(y, y), [x])[0], value)).toBe(2 * rounded(value));
    }));
  });

  test('law: what is learned through a contraction of two such values is rounded, too', () => {
    const Range = axis('range', 3);
    const [a, b] = [input('a', [Range]), input('b', [Range])];
    const given = fc.tuple(number, number, number);
    fc.assert(fc.property(given, given, number, (as, bs, factor) => {
      const [slope] = grad(mul(dot(half(a), half(b), Range), factor), [a]);
      const [{ data }] = interpret([slope.node], { inputs: { a: along('range', as), b: along('range', bs) } });
      expect([...data]).toEqual(bs.map((v) => rounded(factor) * rounded(v)));
    }));
  });
});

describe('what has no gradient is refused', () => {
  const Many = axis('many', 2);
  const refused = (run: () => unknown): readonly [string, boolean] => {
    try {
      run();
    } catch (error) {
      const { code, place } = error as RicciError;
      return [code, place?.file.endsWith('laws.test.ts') ?? false];
    }
    return ['nothing', false];
  };

  test('a loss with axes, and integers', () => {
    expect(refused(() => grad(tensorOf<never>(input('v', [Many]).node), []))).toEqual(['grad/loss-axes', true]);
    expect(refused(() => grad(input('i', [], 'i32'), []))).toEqual(['grad/not-numbers', true]);
    expect(refused(() => grad(x, [iota(Many)]))).toEqual(['grad/not-numbers', true]);
  });

  test('values without a derivative, on the way from the loss', () => {
    const state = input('state', [Many]);
    const { node } = state;
    const rows = mul(state, 2).node;
    const appended = tensorOf<'many'>(makeAppend(node, rows, undefined, 'many', 'many', node.origin));
    const quantized = tensorOf<'many'>(makeQuantize(node, 'int8', node.origin));
    expect(refused(() => grad(sum(appended, Many), [state]))).toEqual(['grad/no-derivative', true]);
    expect(refused(() => grad(sum(add(quantized, appended), Many), [state]))).toEqual(['grad/no-derivative', true]);
    expect(refused(() => grad(sum(quantized, Many), [x]))).toEqual(['nothing', false]);
  });
});
