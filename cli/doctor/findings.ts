import { RicciError } from '../../dsl/errors.ts';
import { describeCpu, type CpuSummary, type DeviceChoice } from '../../runtime/index.ts';
import { resolveChoice } from '../../runtime/open.ts';
import type { Diagnosis } from '../../runtime/webgpu/diagnose.ts';
import type { Io } from '../io.ts';
import { computesRight } from '../kernel-check.ts';

/** What was found of the CPU. */
export interface CpuFindings extends CpuSummary {
  /** True when a real kernel ran, and its result was read back right. */
  readonly computes: boolean;
  /** One sentence: why it does not. */
  readonly problem: string | undefined;
}

/** What `doctor` finds; a device that was not asked for is left out. */
export interface Findings {
  readonly webgpu?: Diagnosis;
  readonly cpu?: CpuFindings;
}

/** Runs a kernel on every device that `choice` could mean, and says what came of it. @throws `device/choice` */
export async function examineDevices(io: Io, choice: DeviceChoice): Promise<Findings> {
  switch (resolveChoice(choice)) {
    case 'webgpu':
      return { webgpu: await examineWebGpu(io, choice) };
    case 'cpu':
      return { cpu: await examineCpu(io, choice) };
    case 'auto':
      return { webgpu: await examineWebGpu(io, choice), cpu: await examineCpu(io, choice) };
  }
}

const examineWebGpu = (io: Io, { adapter }: DeviceChoice): Promise<Diagnosis> =>
  io.diagnose(adapter === undefined ? {} : { adapter });

async function examineCpu(io: Io, { threads }: DeviceChoice): Promise<CpuFindings> {
  const summary = await describeCpu();
  try {
    const device = await io.openDevice({ device: 'cpu', ...(threads === undefined ? {} : { threads }) });
    try {
      const computes = await computesRight(device);
      return { ...summary, computes, problem: computes ? undefined : 'A kernel run on the CPU gave wrong numbers.' };
    } finally {
      device.close();
    }
  } catch (thrown) {
    if (thrown instanceof RicciError) return { ...summary, computes: false, problem: thrown.message };
    return { ...summary, computes: false, problem: `The CPU runs no kernel: ${String(thrown)}` };
  }
}

/** Whether anything that was examined computes. */
export const isReady = ({ webgpu, cpu }: Findings): boolean => webgpu?.dispatches === true || cpu?.computes === true;

/** What `--device auto` takes, where both were examined: it looks whether a GPU is real, not whether it computes. */
export function autoDevice({ webgpu, cpu }: Findings): 'webgpu' | 'cpu' | undefined {
  if (webgpu === undefined || cpu === undefined) return undefined;
  return webgpu.adapter !== undefined && !webgpu.adapter.software ? 'webgpu' : 'cpu';
}
