import { RicciError } from '../../dsl/errors.ts';
import type { AdapterSummary } from './adapter.ts';
import { adapterFix, type DeviceOptions, openDevice, type WebGpuDevice } from './device.ts';
import { openHardware } from './hardware.ts';
import { browserGpu, reasonOf } from './instance.ts';
import { probeDispatch } from './probe.ts';

/** What `doctor` reports of WebGPU. */
export interface Diagnosis {
  /** The adapter that was named; else a GPU where there is one, else a software adapter; undefined without any. */
  readonly adapter: AdapterSummary | undefined;
  /** True when a real kernel ran and its result was read back right. */
  readonly dispatches: boolean;
  /** One sentence: what is wrong or worse than it could be. */
  readonly problem: string | undefined;
  /** One exact step that mends the problem. */
  readonly fix: string | undefined;
}

/** Opens an adapter, runs one real dispatch, and says what is missing. Throws nothing. */
export async function diagnose(options: DeviceOptions = {}): Promise<Diagnosis> {
  let opened: WebGpuDevice;
  try {
    const hardware = options.adapter === undefined ? await openHardware() : undefined;
    opened = hardware ?? (await openDevice(options));
  } catch (thrown) {
    return { adapter: undefined, dispatches: false, ...(await whyNone(thrown, options)) };
  }
  try {
    return await diagnoseDevice(opened);
  } finally {
    opened.close();
  }
}

async function whyNone(thrown: unknown, { adapter }: DeviceOptions): Promise<Pick<Diagnosis, 'problem' | 'fix'>> {
  const { code, hint } = thrown instanceof RicciError ? thrown : { code: undefined, hint: undefined };
  if (adapter === undefined && code === 'device/no-adapter' && (await hasNvidiaNodes())) return HIDDEN_NVIDIA;
  const fix = hint ?? adapterFix();
  return { problem: reasonOf(thrown), fix };
}

async function diagnoseDevice({ gpu, info }: WebGpuDevice): Promise<Diagnosis> {
  const dispatches = await probeDispatch(gpu);
  if (!dispatches) {
    const problem = `The adapter "${info.name}" opens, but a kernel run on it did not give the right numbers.`;
    return { adapter: info, dispatches, problem, fix: adapterFix() };
  }
  if (info.software && (await hasNvidiaNodes())) return { adapter: info, dispatches, ...HIDDEN_NVIDIA };
  return { adapter: info, dispatches, problem: undefined, fix: undefined };
}

/** Containers get compute access to an NVIDIA card by default, but its Vulkan driver only when they ask for it. */
const HIDDEN_NVIDIA = {
  problem: 'This machine has an NVIDIA card, but WebGPU does not see it.',
  fix: 'Start the container with NVIDIA_DRIVER_CAPABILITIES=all (or a list with `graphics` in it).',
} as const;

async function hasNvidiaNodes(): Promise<boolean> {
  if (browserGpu() !== undefined) return false;
  const { existsSync } = await import('node:fs');
  return existsSync('/dev/nvidiactl') || existsSync('/dev/nvidia0');
}
