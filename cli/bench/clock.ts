import { RicciError } from '../../dsl/errors.ts';
import type { Device, Executable } from '../../runtime/device.ts';
import type { RunSizes } from '../../runtime/sizes.ts';
import type { Clock } from './case.ts';

/** A GPU's own clock is used where WebGPU reads it; a CPU's is the host's. */
export async function clockOf(device: Device, executable: Executable, sizes: RunSizes): Promise<Clock> {
  if (device.kind === 'cpu') return 'host';
  return (await executable.time(sizes).catch(withoutTimestamps)) === undefined ? 'host' : 'device';
}

/** What all kernels of a program take by the device's own clock, which runs while they do, and not between them. */
export const deviceSeconds = async (executable: Executable, sizes: RunSizes): Promise<number> =>
  (await executable.time(sizes)).reduce((total, t) => total + t, 0);

/** Where a device has no clock of its own there is nothing to tell; other errors stay errors. */
export function withoutTimestamps(thrown: unknown): undefined {
  if (!(thrown instanceof RicciError) || thrown.code !== 'runtime/no-timestamps') throw thrown;
}
