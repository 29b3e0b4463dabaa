import { STORED_BYTES } from '../compiler/program.ts';
import { RicciError } from '../dsl/errors.ts';
import type { WeightStorage } from '../dsl/node.ts';
import { countParameters, type PldrConfig, type Variant } from '../models/pldr/index.ts';
import { MAX_BYTES } from '../runtime/cpu/memory.ts';
import type { Device } from '../runtime/device.ts';
import type { Io } from './io.ts';
import { showBytes } from './table.ts';

/** Staging of uploads, activations and the driver's compiler need room beside the weights. */
const RESERVED_BYTES = 128 * 1048576;
/** The rest of the machine keeps a tenth. */
const USABLE_PART = 0.9;

/** Bytes that weights may take: known of a CPU, also of one that plays a GPU, because its memory is the host's. */
export function freeForWeights({ limits }: Device, io: Io): number | undefined {
  if (limits.kind === 'webgpu' && !limits.software) return undefined;
  return Math.max(0, Math.floor(io.availableMemory() * USABLE_PART) - RESERVED_BYTES);
}

/**
 * Checks that a model's weights, kept as asked, can be addressed at all.
 * @throws `device/out-of-memory` where WebAssembly's 4 GiB do not hold them
 */
export function checkAddressable(
  { limits }: Device, config: PldrConfig, weights: WeightStorage, variant?: Variant,
): void {
  const bytes = STORED_BYTES[weights] * countParameters(config, variant);
  if (limits.kind !== 'cpu' || bytes <= MAX_BYTES) return;
  const [needed, limit] = [showBytes(bytes), showBytes(MAX_BYTES)];
  throw new RicciError({
    code: 'device/out-of-memory',
    message: `The weights need ${needed} as ${weights}, and the device cpu addresses ${limit}.`,
    hint: 'Run the model on a GPU with `--device webgpu`, keep it in fewer bits with `--weights`, or use a smaller one.',
  });
}
