import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { interpret } from '../../compiler/interpret/interpret.ts';
import { showAxes } from '../../dsl/axis.ts';
import { rewrite } from '../../dsl/graph.ts';
import type { Node } from '../../dsl/node.ts';
import { makeMap } from '../../dsl/nodes/pointwise.ts';
import { isUnary, type ScalarExpr } from '../../dsl/scalar/expr.ts';
import { fusible, graphs } from '../../verify/arbitraries/graphs/index.ts';
import { runs } from '../support/runs.ts';
import { expectSlope, gradients, leavesOf, lossOf } from './support.ts';

const anyGraph = fc.oneof(graphs, fusible);

/** Differences do not know what counts as a constant or as the identity, and many steps look like a slope to them. */
const withoutStops = (roots: readonly Node[]): readonly Node[] => rewrite(roots, (n) => {
  if (n.kind === 'stopGradient' || n.kind === 'quantize') return n.x;
  return n.kind === 'map' ? makeMap(withOneStep(n.fn), n.args, n.dtype, n.origin) : n;
});

const MANY_STEPS: ReadonlySet<string> = new Set(['floor', 'ceil', 'round', 'toF16']);

/** With one step in place of many, which has no slope either. */
const withOneStep = (fn: ScalarExpr): ScalarExpr => ({
  ...fn, ops: fn.ops.map((o) => (isUnary(o) && MANY_STEPS.has(o.op) ? { op: 'sign', a: o.a } : o)),
});

describe('the gradient of a random graph', () => {
  test('is what differences say', () => fc.assert(
    fc.property(anyGraph, fc.nat(1000), (c, seed) => { expectSlope(lossOf(withoutStops(c.outputs)), c.env, seed); }),
    runs(300),
  ));

  test('has exactly the axes of what it is taken by, in their order', () => fc.assert(
    fc.property(anyGraph, (c) => {
      const wrt = c.nodes.filter((x) => x.dtype === 'f32');
      expect(gradients(lossOf(c.outputs), wrt).map((g) => showAxes(g.axes))).toEqual(wrt.map((x) => showAxes(x.axes)));
    }),
    runs(200),
  ));

  test('is zero where the loss does not depend on it', () => fc.assert(
    fc.property(anyGraph, anyGraph, (c, other) => {
      const wrt = leavesOf(other.outputs).filter((x) => !leavesOf(c.outputs).some((own) => own.key === x.key));
      const values = interpret(gradients(lossOf(c.outputs), wrt), { sizes: other.env.sizes ?? {} });
      expect(values.every(({ data }) => data.every((v) => v === 0))).toBe(true);
    }),
    runs(50),
  ));
});
