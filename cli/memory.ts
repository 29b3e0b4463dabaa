import type { GpuDevice } from '../runtime/webgpu/device.ts';
import type { Io } from './io.ts';

/** Staging of uploads, activations and the driver's compiler need room beside the weights. */
const RESERVED_BYTES = 128 * 1048576;
/** The rest of the machine keeps a tenth. */
const USABLE_PART = 0.9;

/** Bytes that weights may take: known where the "GPU" is a CPU, because its memory is the host's. */
export function freeForWeights(gpu: GpuDevice, io: Io): number | undefined {
  if (!gpu.info.software) return undefined;
  return Math.max(0, Math.floor(io.availableMemory() * USABLE_PART) - RESERVED_BYTES);
}
