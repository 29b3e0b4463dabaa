import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { BASE_TARGET, type Target } from '../../compiler/target.ts';
import { HARDWARE_PROFILE } from '../../compiler/loop/schedule.ts';
import type { Program } from '../../compiler/program.ts';
import { add, axis, dot, input, layerNorm, map, mul, parameter, silu, tensorOf, type Tensor } from '../../dsl/index.ts';
import { modelGraph, prefillProgram } from '../../models/pldr/index.ts';
import { PRESETS } from '../../models/pldr/presets.ts';

type Rows = Tensor<'head' | 'row' | 'col'>;

const [Head, Col, Metric] = [axis('head', 4), axis('col', 32), axis('metric', 80)];

/** Layers of gates, norms and sums over small matrices, each of which makes a row of the same row. */
function net(rows: number, layers: number): Rows {
  let x: Rows = input('x', [Head, axis('row', rows), Col]);
  for (let i = 0; i < layers; i++) {
    const gate = map(silu, dot(x, parameter(`${i}.gate`, [Metric, Col]), Col));
    const hidden = mul(gate, dot(x, parameter(`${i}.up`, [Metric, Col]), Col));
    const down: Rows = tensorOf(dot(hidden, parameter(`${i}.down`, [Col, Metric]), Metric).node);
    x = layerNorm(add(down, x), Col, parameter(`${i}.gain`, [Col]), parameter(`${i}.bias`, [Col]), 1e-6);
  }
  return x;
}

const profile = { ...BASE_TARGET.profile, subgroup: 8 };

const programOf = (x: Rows, chains: boolean): Program => {
  const target: Target = { ...BASE_TARGET, profile: { ...profile, chains } };
  return compile([{ name: 'net', outputs: { out: x.node } }], target).programs[0];
};

describe('values that are made row by row', () => {
  test('are held by the cells of few kernels, as many values in each as a cell and its driver can take', () => {
    expect(programOf(net(64, 4), false).kernels).toHaveLength(12);
    expect(programOf(net(64, 4), true).kernels).toHaveLength(2);
  });

  test('make the net of PLDRv51-110M-1 a few kernels in a prompt', () => {
    const prompt = prefillProgram(modelGraph(PRESETS['v51-110M-1'], { batch: 1 }), 'kv+g', true);
    const dispatches = (chains: boolean): number => compile([prompt], {
      ...BASE_TARGET, storageBuffers: 16, profile: { ...HARDWARE_PROFILE, subgroup: 32, chains },
    }).programs[0].kernels.length;
    expect([dispatches(false), dispatches(true)]).toEqual([257, 92]);
  });

  test('take no memory and are not written', () => {
    const [apart, held] = [programOf(net(64, 2), false), programOf(net(64, 2), true)];
    const written = (p: Program): number => p.kernels.reduce((n, k) => n + k.cost.bytesWritten, 0);
    expect(held.arenaBytes).toBe(0);
    expect(written(held)).toBe(4 * 4 * 64 * 32);
    expect(written(apart)).toBeGreaterThan(5 * written(held));
  });

  test('share what lanes share on every device', () => {
    for (const module of programOf(net(64, 4), true).modules) {
      const entries = [...module.matchAll(/var<workgroup> \w+: array<f32, (\d+)>/g)].map((m) => Number(m[1]));
      expect(entries.reduce((a, b) => a + b, 0) * 4).toBeLessThanOrEqual(16384);
    }
  });

  test('are stored where the rows are few, or their number is no multiple of what a cell takes', () => {
    expect(programOf(net(8, 2), true).kernels).toHaveLength(6);
    expect(programOf(net(60, 2), true).kernels).toHaveLength(6);
  });
});
