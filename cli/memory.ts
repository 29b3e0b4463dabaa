import type { Device } from '../runtime/device.ts';
import type { Io } from './io.ts';

/** Staging of uploads, activations and the driver's compiler need room beside the weights. */
const RESERVED_BYTES = 128 * 1048576;
/** The rest of the machine keeps a tenth. */
const USABLE_PART = 0.9;

/** Bytes that weights may take: known of a CPU, also of one that plays a GPU, because its memory is the host's. */
export function freeForWeights({ limits }: Device, io: Io): number | undefined {
  if (limits.kind === 'webgpu' && !limits.software) return undefined;
  return Math.max(0, Math.floor(io.availableMemory() * USABLE_PART) - RESERVED_BYTES);
}
