import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { draft } from '../../compiler/draft.ts';
import { CPU_TARGET, type Target } from '../../compiler/target.ts';
import type { Schedules } from '../../compiler/loop/schedule.ts';
import { factorsFor, narrow, type StorageOf } from '../../compiler/passes/narrow.ts';
import { candidates } from '../../compiler/tune/candidates.ts';
import { readSchedule } from '../../compiler/tune/schedule-json.ts';
import { WEIGHT_STORAGES, type Node } from '../../dsl/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import type { Device } from '../../runtime/device.ts';
import { fusible, graphs } from '../../verify/arbitraries/graphs/index.ts';
import type { GivenGraph } from '../../verify/arbitraries/graphs/given.ts';
import { longRows } from '../../verify/arbitraries/graphs/long-rows.ts';
import { tiledGraphs } from '../../verify/arbitraries/graphs/tiles.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { runGraph } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';
import { narrowed } from '../support/narrow.ts';
import { runs } from '../support/runs.ts';
import { named } from './kind-keys.ts';

/** For each kernel that has candidates one of them, by numbers that are used in turn. */
function drawn(outputs: readonly Node[], target: Target, storage: StorageOf, picks: readonly number[]): Schedules {
  const { kernels } = draft({ name: 'test', outputs: named(outputs) }, target, undefined, storage);
  const kinds = new Map(kernels.flatMap((k) => k.computations.map(({ kind }) => [kind.root.key, kind] as const)));
  return Object.fromEntries([...kinds].flatMap(([key, kind], i) => {
    const all = candidates(kind, target);
    return all.length === 0 ? [] : [[key, all[picks[i % picks.length] % all.length]]];
  }));
}

const storages = fc.array(fc.constantFrom(...WEIGHT_STORAGES), { minLength: 1, maxLength: 4 });
const picks = fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 });

async function difference(device: Device, c: GivenGraph, storage: StorageOf, ns: readonly number[]) {
  const own = targetOf(device);
  const target = { ...own, schedules: drawn(c.outputs, own, storage, ns) };
  const got = await runGraph(device, named(c.outputs), c.env, target, storage);
  const kept = narrow(c.outputs, storage, factorsFor(target.profile));
  const expected = interpretWithBounds(kept, narrowed(c.env, storage));
  return c.outputs.map((_, i) => firstOutside(`out${i}`, got[`out${i}`], expected[i])).find((d) => d !== undefined);
}

/** Pipelines of a GPU take longer to make than modules of the CPU. */
const usualRuns: Readonly<Record<Device['kind'], number>> = { cpu: 100, webgpu: 8 };

onEveryDevice((device, kind) => {
  describe('whichever candidates its kernels have, a program is what the interpreter makes of it', () => {
    test.each([
      ['random graphs', fc.oneof(graphs, fusible)],
      ['products and attention of several tiles, or along many keys', fc.oneof(tiledGraphs, longRows)],
    ] as const)('for %s', (_, arbitrary) => fc.assert(
      fc.asyncProperty<[GivenGraph, ('f32' | 'bf16' | 'f16' | 'int8')[], number[]]>(arbitrary, storages, picks, async (c, list, ns) => {
        const names = Object.keys(c.env.parameters ?? {});
        const storage: StorageOf = (name) => list[names.indexOf(name) % list.length];
        expect(await difference(device(), c, storage, ns)).toBeUndefined();
      }),
      runs(usualRuns[kind]),
    ));
  });
});

describe('the candidates of a kernel', () => {
  const kindsOf = (outputs: readonly Node[], target: Target) =>
    draft({ name: 'test', outputs: named(outputs) }, target).kernels.flatMap((k) => k.computations.map((c) => c.kind));

  test('make different code, on the CPU', () => fc.assert(
    fc.property(fc.oneof(graphs, fusible), ({ outputs }) => {
      const code = (schedules: Schedules): string =>
        compile([{ name: 'test', outputs: named(outputs) }], { ...CPU_TARGET, schedules }).programs[0].modules.join();
      for (const kind of new Set(kindsOf(outputs, CPU_TARGET))) {
        const all = candidates(kind, CPU_TARGET);
        const codes = [code({}), ...all.map((own) => code({ [kind.root.key]: own }))];
        expect(new Set(codes).size).toBe(codes.length);
      }
    }),
    runs(40),
  ));

  test('are at most twelve, and what a file may hold', () => fc.assert(
    fc.property(fc.oneof(graphs, fusible), fc.constantFrom(undefined, 8, 32), ({ outputs }, subgroup) => {
      const lanes: Target = {
        ...CPU_TARGET, profile: { ...CPU_TARGET.profile, cells: 'lanes', subgroup, lanes: 32, threads: 64 },
      };
      for (const target of [CPU_TARGET, lanes]) {
        for (const kind of kindsOf(outputs, target)) {
          const all = candidates(kind, target);
          expect(all.length).toBeLessThanOrEqual(12);
          expect(all.map((own) => readSchedule(JSON.parse(JSON.stringify(own))))).toEqual(all);
        }
      }
    }),
    runs(60),
  ));
});
