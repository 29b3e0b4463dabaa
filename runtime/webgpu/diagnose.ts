import { RicciError } from '../../dsl/errors.ts';
import type { AdapterSummary } from './adapter.ts';
import { adapterFix, type DeviceOptions, openDevice, type WebGpuDevice } from './device.ts';
import { browserGpu, reasonOf } from './instance.ts';
import { probeDispatch } from './probe.ts';

/** What `doctor` reports. */
export interface Diagnosis {
  /** The adapter that a plain start would use; undefined when there is none. */
  readonly adapter: AdapterSummary | undefined;
  /** True when a real kernel ran and its result was read back right. */
  readonly dispatches: boolean;
  /** One sentence: what is wrong or worse than it could be. */
  readonly problem: string | undefined;
  /** One exact step that mends the problem. */
  readonly fix: string | undefined;
}

/** Opens the device that `options` would give, runs one real dispatch, and says what is missing. Throws nothing. */
export async function diagnose(options: DeviceOptions = {}): Promise<Diagnosis> {
  let opened: WebGpuDevice;
  try {
    opened = await openDevice(options);
  } catch (thrown) {
    const fix = thrown instanceof RicciError && thrown.hint !== undefined ? thrown.hint : adapterFix();
    return { adapter: undefined, dispatches: false, problem: reasonOf(thrown), fix };
  }
  try {
    return await diagnoseDevice(opened);
  } finally {
    opened.close();
  }
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
  problem: 'This machine has an NVIDIA card, but only a software adapter is visible.',
  fix: 'Start the container with NVIDIA_DRIVER_CAPABILITIES=all (or a list with `graphics` in it).',
} as const;

async function hasNvidiaNodes(): Promise<boolean> {
  if (browserGpu() !== undefined) return false;
  const { existsSync } = await import('node:fs');
  return existsSync('/dev/nvidiactl') || existsSync('/dev/nvidia0');
}
