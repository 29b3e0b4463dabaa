import type { Device } from '../../runtime/device.ts';
import { matmul } from '../bench/kernels/contraction.ts';
import { kernelCase } from '../bench/kernels/kernel-case.ts';
import { kernelSizes } from '../bench/kernels/sizes.ts';

/** Seconds of products after the first ones. */
const SECONDS = 0.2;

/**
 * Operations that a device does in a second in the product of matrices that `ricci bench` has as a roof, the best of
 * some.
 * @returns undefined where the device cannot run it
 * @throws RicciError `bench/wrong` where the product is not right
 */
export async function matmulRoof(device: Device): Promise<number | undefined> {
  const sizes = kernelSizes(device.limits);
  const [n] = sizes.matmul.slice(-1);
  const now = (): number => performance.now();
  const prepared = await kernelCase({ device, now, seconds: SECONDS, sizes }, 'roofs', matmul(n, 'f32')).prepare();
  if ('reason' in prepared) return undefined;
  try {
    await prepared.check();
    const end = now() + 1000 * SECONDS;
    let least = await prepared.run();
    while (now() < end) least = Math.min(least, await prepared.run());
    return prepared.amount / least;
  } finally {
    prepared.close();
  }
}
