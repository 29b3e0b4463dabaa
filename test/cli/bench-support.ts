import { Writable } from 'node:stream';
import type { KernelSizes } from '../../cli/bench/kernels/sizes.ts';
import { runBench, type BenchFlags } from '../../cli/bench/run-bench.ts';
import { processIo } from '../../cli/io.ts';
import type { Device } from '../../runtime/device.ts';
import { lent } from './support.ts';

/** Kernels that take next to no time. */
export const SMALL: KernelSizes = {
  matvec: [64, 512], matmul: [32, 128], batched: { count: 3, n: 16 }, square: [64, 128],
  attention: { heads: 2, width: 16, keys: 32, queries: 8 }, gather: { rows: 256, width: 16, taken: 64 },
  copy: [1 << 8, 1 << 16], compute: 1 << 10,
};

/** What `ricci bench` prints for small kernels and short times. */
export async function benchOf(
  device: Device, flags: Partial<BenchFlags> & Pick<BenchFlags, 'model'>,
): Promise<string> {
  let text = '';
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const io = { ...processIo(), stdout, ...lent(device), now: () => performance.now() };
  await runBench(io, { weights: 'f32', suite: ['all'], seconds: 0.001, rounds: 1, tuned: false, ...flags }, () => SMALL);
  return text;
}
