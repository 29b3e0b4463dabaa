import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CPU_TARGET, FUSED_CPU_TARGET } from '../../compiler/target.ts';
import { axis, dot, parameter } from '../../dsl/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import type { Device } from '../../runtime/device.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { setUpEngine } from '../../scripts/engine.mjs';
import { openTestCpu, runGraph } from '../support/device.ts';
import { fusible, graphs } from '../../verify/arbitraries/graphs/index.ts';
import { runs } from '../support/runs.ts';

let cpu: Device;

beforeAll(async () => {
  setUpEngine();
  cpu = await openTestCpu(1, { fused: true });
});
afterAll(() => cpu.close());

test('an engine with relaxed SIMD is found, and its programs multiply and add in one instruction', () => {
  expect(cpu.limits).toEqual({ kind: 'cpu', fused: true });
  expect(targetOf(cpu)).toEqual(FUSED_CPU_TARGET);
});

test.each([['random graphs', graphs], ['graphs that fusion looks for', fusible]] as const)(
  'what is fused is what the interpreter computes, for %s', (_, arbitrary) => fc.assert(
    fc.asyncProperty(arbitrary, async (c) => {
      const outputs = Object.fromEntries(c.outputs.map((n, i) => [`out${i}`, n]));
      const got = await runGraph(cpu, outputs, c.env);
      const expected = interpretWithBounds(c.outputs, c.env);
      const outside = c.outputs.map((_output, i) => firstOutside(`out${i}`, got[`out${i}`], expected[i]));
      expect(outside.find((d) => d !== undefined)).toBeUndefined();
    }),
    runs(150),
  ),
);

test('a product is not rounded before it is added', async () => {
  const from = axis('from', 8);
  const product = dot(parameter('x', [from]), parameter('y', [from]), from);
  // v² is 1 + 2⁻¹¹ + 2⁻²⁴, and the nearest f32 lacks the last part: only an exact product leaves it.
  const v = 1 + 2 ** -12;
  const given = (...data: readonly number[]) => ({ names: ['from'], sizes: [8], data: Float64Array.from(data) });
  const parameters = {
    x: given(-1, 0, 0, 0, v, 0, 0, 0),
    y: given(Math.fround(v * v), 0, 0, 0, v, 0, 0, 0),
  };
  const { out } = await runGraph(cpu, { out: product.node }, { parameters });
  expect(out.data[0]).toBe(2 ** -24);
  const { out: apart } = await runGraph(cpu, { out: product.node }, { parameters }, CPU_TARGET);
  expect(apart.data[0]).toBe(0);
});
