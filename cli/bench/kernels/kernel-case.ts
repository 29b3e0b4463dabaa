import { STORED_BYTES, weightEntries, type Program, type WeightLayout } from '../../../compiler/program.ts';
import { RicciError } from '../../../dsl/errors.ts';
import { shapeOf } from '../../../runtime/sizes.ts';
import type { Case, KernelTime, LeftOut, Prepared } from '../case.ts';
import { settle, type Bench } from '../bench.ts';
import { clockOf, deviceSeconds, withoutTimestamps } from '../clock.ts';
import { checkKernel } from './check-kernel.ts';
import type { Kernel } from './kernel.ts';
import { openKernel, type OpenKernel } from './open-kernel.ts';

/** A kernel as a case. */
export const kernelCase = (bench: Bench, suite: Case['suite'], kernel: Kernel): Case => ({
  suite, name: kernel.name, dtype: kernel.storage, unit: kernel.unit,
  prepare: () => prepareKernel(bench, kernel),
});

/** What a device says that cannot run a kernel of this kind or size. */
const REFUSALS = /^(compiler\/|runtime\/needs$|device\/out-of-memory$)/;

async function prepareKernel(bench: Bench, kernel: Kernel): Promise<Prepared | LeftOut> {
  try {
    return await prepared(bench, await openKernel(bench.device, kernel));
  } catch (thrown) {
    if (thrown instanceof RicciError && REFUSALS.test(thrown.code)) return { reason: thrown.sentence };
    throw thrown;
  }
}

async function prepared(bench: Bench, open: OpenKernel): Promise<Prepared> {
  const { kernel, program, layout } = open;
  const clock = await clockOf(bench.device, open.executable, {});
  const bytes = kernel.bytes ?? touchedBytes(program, layout);
  // The device's own clock runs while kernels do, and not between them.
  const launches = clock === 'host' ? 1 : 0;
  let submits = 1;
  return {
    amount: kernel.unit === 'GB/s' ? bytes : kernel.flops,
    work: {
      bytes, footprint: bytes, flops: kernel.flops,
      dispatches: launches * program.kernels.length, submits: launches,
    },
    clock,
    async check() {
      await checkKernel(open);
      if (clock === 'host') submits = await enoughSubmits(bench, open);
    },
    run: () => (clock === 'device' ? deviceSeconds(open.executable, {}) : hostSeconds(bench, open, submits)),
    kernels: () => kernelTimes(open),
    close: open.close,
  };
}

/** What is given and what is returned; what lies between, a device need not write. */
function touchedBytes({ inputs, outputs }: Program, { weights }: WeightLayout): number {
  const values = [...Object.values(inputs), ...Object.values(outputs)];
  const entries = values.reduce((n, v) => n + shapeOf(v, {}).reduce((a, b) => a * b, 1), 0);
  const given = Object.values(weights).reduce((n, w) => n + weightEntries(w) * STORED_BYTES[w.storage ?? 'f32'], 0);
  return STORED_BYTES.f32 * entries + given;
}

/** Several submits after each other, so that waiting for the device is a small part of them. */
async function hostSeconds({ device, now }: Bench, { executable }: OpenKernel, submits: number): Promise<number> {
  const started = now();
  for (let i = 0; i < submits; i++) device.submit((commands) => commands.run(executable, {}));
  await settle(device);
  return (now() - started) / 1000 / submits;
}

/** Milliseconds that one repetition takes at least. */
const LEAST_MS = 1;
const MOST_SUBMITS = 1024;

async function enoughSubmits(bench: Bench, open: OpenKernel): Promise<number> {
  for (let submits = 1; ; submits *= 2) {
    const ms = 1000 * submits * await hostSeconds(bench, open, submits);
    if (ms >= LEAST_MS || submits >= MOST_SUBMITS) return submits;
  }
}

async function kernelTimes({ executable, program }: OpenKernel): Promise<readonly KernelTime[] | undefined> {
  const times = await executable.time({}).catch(withoutTimestamps);
  return times?.map((seconds, i) => ({ name: program.kernels[i].name, seconds }));
}
