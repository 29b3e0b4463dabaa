import type { Target } from '../../compiler/target.ts';
import { DEFAULT_PROFILE } from '../../compiler/loop/schedule.ts';

const MIB = 1048576;

/**
 * What `inspect` compiles for when it asks no device: a plain desktop GPU, so that the answer is the same on every
 * machine. 16 storage buffers per kernel (WebGPU promises 8; the usual desktop drivers give 16 or more), bindings of
 * 1 GiB, and no fixed subgroup size.
 */
export const PORTABLE_TARGET: Target = {
  profile: DEFAULT_PROFILE,
  storageBuffers: 16,
  bindingBytes: 1024 * MIB,
  bufferBytes: 2048 * MIB,
};
