import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { CPU_TARGET } from '../../compiler/target.ts';
import { encode } from '../../compiler/encode.ts';
import type { Program } from '../../compiler/program.ts';
import { axis, input, mul } from '../../dsl/index.ts';
import { BufferSet } from '../../runtime/buffers.ts';
import { CpuDevice } from '../../runtime/cpu/cpu-device.ts';
import { runGraph } from '../support/device.ts';
import { fusible, graphs } from '../../verify/arbitraries/graphs/index.ts';
import { runs } from '../support/runs.ts';

describe('threads', () => {
  let devices: readonly CpuDevice[] = [];
  beforeAll(async () => {
    devices = await Promise.all([1, 2, 3].map((threads) => CpuDevice.open({ threads, shareFrom: 0 })));
  });
  afterAll(() => devices.forEach((d) => d.close()));

  test('however many there are, results are the same to the bit', () => fc.assert(
    fc.asyncProperty(fc.oneof(graphs, fusible), async (c) => {
      const outputs = Object.fromEntries(c.outputs.map((n, i) => [`out${i}`, n]));
      const [one, ...others] = await Promise.all(devices.map((d) => runGraph(d, outputs, c.env)));
      for (const other of others) expect(other).toEqual(one);
    }),
    runs(80),
  ));
});

/** A program of one kernel over 64 cells, whose code traps in the thread that the test says, of two. */
async function trapping(where: 'first' | 'others'): Promise<Program> {
  const row = axis('row', 64);
  const x = input('x', [row, axis('col', 4)]);
  const { programs: [program] } = compile([{ name: 'trap', outputs: { out: mul(x, x).node } }], CPU_TARGET);
  const half = '(local.get $.begin) (i32.const 32)';
  const condition = where === 'first' ? `(i32.lt_s ${half})` : `(i32.ge_s ${half})`;
  const trap = `\n  (if ${condition} (then (unreachable)))`;
  const modules = program.modules.map((text) => text.replace(/(?=\n {2}\(local\.set)/, trap));
  expect(modules).not.toEqual(program.modules);
  return encode({ ...program, modules });
}

describe('a thread that fails', () => {
  test.each([
    ['another thread: it is told, and nothing hangs', 'others', /thread of the CPU device is gone/],
    ['the caller\'s own: its error is told, and the others do not wait for it', 'first', /unreachable/],
  ] as const)('is %s', async (_, where, message) => {
    const device = await CpuDevice.open({ threads: 2, shareFrom: 0 });
    const executable = await device.open(await trapping(where), new BufferSet(device));
    const run = (): void => device.submit((commands) => commands.run(executable, {}));
    expect(run).toThrow(message);
    expect(run).toThrow(/thread of the CPU device is gone/);
    device.close();
  });
});
