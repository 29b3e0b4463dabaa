import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { CPU_TARGET, type Target } from '../../compiler/target.ts';
import { encode } from '../../compiler/encode.ts';
import { factorsFor, narrow, type StorageOf } from '../../compiler/passes/narrow.ts';
import { WEIGHT_STORAGES } from '../../dsl/index.ts';
import type { Device } from '../../runtime/device.ts';
import { profileBy } from '../../compiler/loop/schedule.ts';
import { blocksFor } from '../deep/schedule.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { openTestCpu, runGraph } from '../support/device.ts';
import { fusible, graphs, type GraphCase } from '../../verify/arbitraries/graphs/index.ts';
import { narrowed } from '../support/narrow.ts';
import { runs } from '../support/runs.ts';

let cpu: Device;

beforeAll(async () => { cpu = await openTestCpu(); });
afterAll(() => cpu.close());

const named = (c: GraphCase) => Object.fromEntries(c.outputs.map((n, i) => [`out${i}`, n]));

/** Small blocks and chunks, so that small graphs have several of them. */
const targets: fc.Arbitrary<Target> = blocksFor('cpu')
  .map((own) => ({ ...CPU_TARGET, profile: profileBy(CPU_TARGET.profile, own) }));

async function difference(c: GraphCase, target: Target, storage: StorageOf = () => 'f32'): Promise<string | undefined> {
  const got = await runGraph(cpu, named(c), c.env, target, storage);
  const kept = narrow(c.outputs, storage, factorsFor(target.profile));
  const expected = interpretWithBounds(kept, narrowed(c.env, storage));
  return c.outputs.map((_, i) => firstOutside(`out${i}`, got[`out${i}`], expected[i])).find((d) => d !== undefined);
}

describe('WebAssembly computes what the interpreter does, within the rounding error that WGSL is allowed', () => {
  test.each([
    ['random graphs over all kinds of nodes', graphs],
    ['graphs with the shapes that fusion looks for', fusible],
  ] as const)('for %s', (_, arbitrary) => fc.assert(
    fc.asyncProperty(arbitrary, targets, async (c, target) => {
      expect(await difference(c, target)).toBeUndefined();
    }),
    runs(300),
  ));

  test('for weights in fewer bits', () => fc.assert(
    fc.asyncProperty(graphs, targets, fc.array(fc.constantFrom(...WEIGHT_STORAGES), { minLength: 1 }),
      async (c, target, storages) => {
        const names = Object.keys(c.env.parameters ?? {});
        expect(await difference(c, target, (name) => storages[names.indexOf(name) % storages.length])).toBeUndefined();
      }),
    runs(200),
  ));
});

test('a program for the CPU is one module of plain data, and equal kernels are one function of it', async () => {
  await fc.assert(fc.asyncProperty(graphs, async (c) => {
    const { programs: [program] } = compile([{ name: 'test', outputs: named(c) }], CPU_TARGET);
    const encoded = encode(program);
    expect(JSON.parse(JSON.stringify(encoded))).toEqual(encoded);
    expect(encoded).toMatchObject({ encoding: 'wasm', modules: [expect.stringMatching(/^AGFzbQ/)] });
    const functions = program.modules[0].match(/\(export "k\d+"\)/g) ?? [];
    expect(functions.length).toBe(new Set(program.kernels.map((k) => k.module)).size);
  }), runs(50));
});
