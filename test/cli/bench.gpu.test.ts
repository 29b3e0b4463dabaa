import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { BenchReport } from '../../cli/bench/report.ts';
import { openTestDevice } from '../support/device.ts';
import { temporaryFolder } from '../weights/support.ts';
import { benchOf } from './bench-support.ts';
import { textCheckpoint } from './checkpoints.ts';

const folder = temporaryFolder();

it('times kernels by the GPU\'s own clock where it has one, and tokens by the host\'s', async () => {
  const device = await openTestDevice();
  const { dir } = await textCheckpoint(folder, 'v51-small');
  const trace = join(folder, 'trace.json');
  const report: BenchReport = JSON.parse(await benchOf(device, { model: dir, suite: ['decode'], json: true, trace }));
  const hasClock = device.gpu.features.has('timestamp-query');
  device.close();

  const kernels = report.roofs.filter((r) => r.unit !== 'µs');
  expect(new Set(kernels.map((r) => r.clock))).toEqual(new Set([hasClock ? 'device' : 'host']));
  for (const { name, clock } of report.results) {
    expect(clock, name).toBe(hasClock && name.startsWith('each position') ? 'device' : 'host');
  }
  for (const { name, work, clock } of kernels) {
    // What lies between kernels is no part of the time that the device counts.
    expect(work?.submits, name).toBe(clock === 'device' ? 0 : 1);
  }
  for (const { name, median } of [...report.roofs, ...report.results]) {
    expect(Number.isFinite(median) && median > 0, name).toBe(true);
  }
  expect(report.results.some((r) => r.name.startsWith('host\'s time per token') && r.unit === 'µs')).toBe(true);
  const { traceEvents }: { readonly traceEvents: readonly { readonly args?: { readonly of?: string } }[] } =
    JSON.parse(await readFile(trace, 'utf8'));
  const ofSteps = traceEvents.filter((e) => e.args?.of?.startsWith('decode: after') === true);
  expect(ofSteps.length > 10).toBe(hasClock);
});
