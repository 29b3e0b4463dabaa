import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import type { Target } from '../../compiler/target.ts';
import { factorsFor, narrow, type StorageOf } from '../../compiler/passes/narrow.ts';
import { WEIGHT_STORAGES, type WeightStorage } from '../../dsl/index.ts';
import type { WebGpuDevice } from '../../runtime/webgpu/device.ts';
import { schedulesFor, targetBy, type DeviceSchedule } from '../deep/schedule.ts';
import { firstOutside, sharpShare } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { openTestDevice, runGraph } from '../support/device.ts';
import { fusible, graphs, type GraphCase } from '../../verify/arbitraries/graphs/index.ts';
import type { GivenGraph } from '../../verify/arbitraries/graphs/given.ts';
import { tiledGraphs } from '../../verify/arbitraries/graphs/tiles.ts';
import { narrowed } from '../support/narrow.ts';
import { runs } from '../support/runs.ts';

let device: WebGpuDevice;

beforeAll(async () => { device = await openTestDevice(); });
afterAll(() => device.close());

const schedules = schedulesFor('webgpu');

/** How the weights of a graph are kept, one after the other. */
const storages = fc.array(fc.constantFrom(...WEIGHT_STORAGES), { minLength: 1 });

const keptAs = (c: GraphCase, list: readonly WeightStorage[]): StorageOf => {
  const names = Object.keys(c.env.parameters ?? {});
  return (name) => list[names.indexOf(name) % list.length];
};

const named = (c: GivenGraph) => Object.fromEntries(c.outputs.map((n, i) => [`out${i}`, n]));

/** What the device's WGSL compiler says about a program's modules: cheap next to making pipelines of them. */
async function complaints(c: GraphCase, target: Target, storage: StorageOf): Promise<readonly string[]> {
  const { gpu } = device;
  const { programs: [program] } = compile([{ name: 'test', outputs: named(c) }], target, undefined, storage);
  gpu.pushErrorScope('validation');
  const said = await Promise.all(program.modules.map(async (code) => {
    const { messages } = await gpu.createShaderModule({ code }).getCompilationInfo();
    return messages.map((m) => `${m.message}: ${code.split('\n')[m.lineNum - 1]}`);
  }));
  await gpu.popErrorScope();
  return said.flat();
}

test('every emitted module is WGSL without a complaint', () => fc.assert(
  fc.asyncProperty(fc.oneof(graphs, fusible), schedules, fc.boolean(), storages, async (c, schedule, unroll, list) => {
    const target = targetBy(schedule, device);
    const profile = { ...target.profile, unroll };
    expect(await complaints(c, { ...target, profile }, keptAs(c, list))).toEqual([]);
  }),
  runs(500),
));

async function difference(
  c: GivenGraph, schedule: DeviceSchedule | undefined, storage: StorageOf = () => 'f32',
): Promise<string | undefined> {
  const target = targetBy(schedule, device);
  const got = await runGraph(device, named(c), c.env, target, storage);
  const kept = narrow(c.outputs, storage, factorsFor(target.profile));
  const expected = interpretWithBounds(kept, narrowed(c.env, storage));
  return c.outputs.map((_, i) => firstOutside(`out${i}`, got[`out${i}`], expected[i])).find((d) => d !== undefined);
}

describe('a compiled program computes what the interpreter does, within the rounding error that WGSL allows', () => {
  test.each([
    ['random graphs over all kinds of nodes', graphs, 30],
    ['graphs with the shapes that fusion looks for', fusible, 35],
    ['products and attention of several tiles', tiledGraphs, 20],
  ] as const)('for %s', (_, arbitrary, usual) => fc.assert(
    fc.asyncProperty<[GivenGraph, DeviceSchedule | undefined]>(arbitrary, schedules, async (c, schedule) => {
      expect(await difference(c, schedule)).toBeUndefined();
    }),
    runs(usual),
  ));

  test('for weights in fewer bits', () => fc.assert(
    fc.asyncProperty(fc.oneof(graphs, fusible), schedules, storages, async (c, schedule, list) => {
      expect(await difference(c, schedule, keptAs(c, list))).toBeUndefined();
    }),
    runs(35),
  ));
});

test('the bounds are sharp: below a thousandth for nine of ten entries of random graphs', () => {
  const cases = fc.sample(fc.oneof(graphs, fusible), 200);
  const shares = cases.map((c) => sharpShare(interpretWithBounds(c.outputs, c.env)));
  expect(shares.reduce((a, b) => a + b, 0) / shares.length).toBeGreaterThan(0.9);
});
