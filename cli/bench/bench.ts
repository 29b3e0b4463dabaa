import type { Schedules } from '../../compiler/loop/schedule.ts';
import type { Device } from '../../runtime/device.ts';
import type { KernelSizes } from './kernels/sizes.ts';

/** Where everything is measured. */
export interface Bench {
  readonly device: Device;
  /** Milliseconds since some moment. */
  readonly now: () => number;
  /** For each case, as far as a few repetitions allow. */
  readonly seconds: number;
  /** How large kernels are. */
  readonly sizes: KernelSizes;
  /** What a model's kernels have of their own. */
  readonly schedules?: Schedules;
}

/** Waits until a device is idle. @throws RicciError what the device reported meanwhile */
export async function settle(device: Device): Promise<void> {
  await device.settled();
  const [error] = device.takeErrors();
  if (error !== undefined) throw error;
}
