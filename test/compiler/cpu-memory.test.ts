import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { axis, input, mul } from '../../dsl/index.ts';
import { CpuDevice } from '../../runtime/cpu/cpu-device.ts';
import { CpuMemory } from '../../runtime/cpu/memory.ts';
import type { Device } from '../../runtime/device.ts';
import { firstOutside } from '../support/bound/compare.ts';
import { interpretWithBounds } from '../support/bound/graph.ts';
import { altered, runGraph } from '../support/device.ts';
import { fusible, graphs, type GraphCase } from '../../verify/arbitraries/graphs/index.ts';
import { environmentFor } from '../../verify/arbitraries/graphs/values.ts';
import { Guards } from '../support/guards.ts';
import { runs } from '../support/runs.ts';

let guards: Guards;
let [cpu, threaded]: readonly Device[] = [];

beforeAll(async () => {
  guards = new Guards();
  [cpu, threaded] = await Promise.all([1, 3].map((threads) => CpuDevice.open({ threads, shareFrom: 0 })));
});
afterEach(() => { guards.takeDamage(); });
afterAll(() => {
  for (const device of [cpu, threaded]) device.close();
  guards.lift();
});

/** What a run writes outside of its values, and the results that something outside of them got into. */
async function trespass(device: Device, c: GraphCase): Promise<readonly string[]> {
  const named = Object.fromEntries(c.outputs.map((n, i) => [`out${i}`, n]));
  const got = await runGraph(guards.between(device), named, c.env);
  const expected = interpretWithBounds(c.outputs, c.env);
  const outside = c.outputs.map((_, i) => firstOutside(`out${i}`, got[`out${i}`], expected[i]));
  return [...guards.takeDamage(), ...outside.filter((d) => d !== undefined)];
}

describe('programs for the CPU write inside their values, and use nothing that was not written', () => {
  test.each([
    ['random graphs over all kinds of nodes', graphs],
    ['graphs with the shapes that fusion looks for', fusible],
  ] as const)('for %s', (_, arbitrary) => fc.assert(
    fc.asyncProperty(arbitrary, async (c) => { expect(await trespass(cpu, c)).toEqual([]); }),
    runs(250),
  ));

  test('also in several threads', () => fc.assert(
    fc.asyncProperty(fc.oneof(graphs, fusible), async (c) => { expect(await trespass(threaded, c)).toEqual([]); }),
    runs(60),
  ));
});

describe('guards notice', () => {
  test('one byte beside a buffer', () => {
    const memory = new CpuMemory();
    for (const [byte, found] of [[-1, -4], [12, 12], [15, 12]]) {
      const buffer = memory.allocate('small', 10) ?? expect.unreachable('memory is new');
      memory.bytes(buffer.address + byte, 1).fill(0);
      buffer.destroy();
      expect(guards.takeDamage()).toEqual([`byte ${found} of 12 of "small"`]);
    }
  });

  test.each([
    ['writes', 'output'],
    ['reads', 'input'],
  ])('a program that %s one word before its value', async (_, space) => {
    const node = mul(input('x', [axis('n', 7)]), 2).node;
    const shifted = altered(guards.between(cpu), {
      open: (program, buffers) => cpu.open({
        ...program,
        kernels: program.kernels.map((k) => ({
          ...k,
          bindings: k.bindings.map(({ region, access }) => (
            { access, region: region.space === space ? { ...region, offset: region.offset - 4 } : region }
          )),
        })),
      }, buffers),
    });
    const { out } = await runGraph(shifted, { out: node }, environmentFor([node], 1, {}));
    expect(out.data.some(Number.isNaN)).toBe(true);
    expect(guards.takeDamage()).toEqual(space === 'output' ? ['byte -4 of 28 of "output:out"'] : []);
  });
});
