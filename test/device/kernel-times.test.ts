import { describe, expect, test } from 'vitest';
import { compile } from '../../compiler/compile.ts';
import { encode } from '../../compiler/encode.ts';
import { axis, dot, input, rename, softmax, symbol } from '../../dsl/index.ts';
import { targetOf } from '../../models/pldr/target.ts';
import { BufferSet } from '../../runtime/buffers.ts';
import type { Device } from '../../runtime/device.ts';
import { readValue, writeValue } from '../../runtime/transfer.ts';
import { openTestCpu } from '../support/device.ts';
import { onEveryDevice } from '../support/every-device.ts';

const N = axis('n', symbol('n', 16));
const [M, Other] = [axis('m', 96), axis('other', 96)];
const x = input('x', [N, M]);
const density = dot(x, rename(x, M, Other), N);
const outputs = { density: density.node, y: dot(softmax(density, M), x, M).node };

/** Runs it as a submit does and then with a clock; what comes out, and the times. */
async function both(device: Device, n: number) {
  const { programs: [program] } = compile([{ name: 'timed', outputs }], targetOf(device));
  const buffers = new BufferSet(device);
  const executable = await device.open(encode(program), buffers);
  const result = () => readValue(device, buffers, program.outputs['y'], { n });
  writeValue(device, buffers, 'x', program.inputs['x'], { n }, Float32Array.from({ length: n * 96 }, (_, i) => i % 7));
  device.submit((commands) => commands.run(executable, { n }));
  const submitted = await result();
  device.write(buffers.get('output:y'), 0, new Float32Array(submitted.length));
  const started = performance.now();
  const times = await executable.time({ n });
  const elapsed = (performance.now() - started) / 1000;
  const measured = await result();
  executable.destroy();
  buffers.destroy();
  return { program, times, elapsed, submitted, measured };
}

function checkTimes({ program, times, elapsed, submitted, measured }: Awaited<ReturnType<typeof both>>): void {
  expect(program.kernels.length).toBeGreaterThan(1);
  expect(times).toHaveLength(program.kernels.length);
  for (const t of times) expect(t).toBeGreaterThanOrEqual(0);
  expect(Math.max(...times)).toBeGreaterThan(0);
  // A GPU's clock is another one, so a part in a hundred may be missing.
  expect(times.reduce((sum, t) => sum + t)).toBeLessThan(1.01 * elapsed);
  expect(measured).toEqual(submitted);
}

onEveryDevice((device) => {
  describe('a run with a clock', () => {
    test.each([1, 16])('leaves what a submit leaves, and gives each kernel a part of the time (n = %i)', async (n) => {
      checkTimes(await both(device(), n));
    });

    test('refuses sizes as a submit does', async () => {
      const { programs: [program] } = compile([{ name: 'sized', outputs }], targetOf(device()));
      const buffers = new BufferSet(device());
      const executable = await device().open(encode(program), buffers);
      await expect(executable.time({ n: 17 })).rejects.toMatchObject({ code: 'runtime/size' });
      executable.destroy();
      buffers.destroy();
    });
  });
});

test('threads that share kernels are timed together', async () => {
  const device = await openTestCpu(2, { shareFrom: 0 });
  checkTimes(await both(device, 16));
  device.close();
});
