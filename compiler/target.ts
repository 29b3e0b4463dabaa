import { CPU_PROFILE, DEFAULT_PROFILE, type Profile, type Schedules } from './loop/schedule.ts';

/** What a device allows and prefers. */
export interface Target {
  readonly profile: Profile;
  /** What some kernels have of their own. */
  readonly schedules?: Schedules;
  /** Storage buffers that one kernel may bind. */
  readonly storageBuffers: number;
  readonly bindingBytes: number;
  readonly bufferBytes: number;
}

/** A thread with WebAssembly SIMD over one memory; nothing needs to be split or counted there. */
export const CPU_TARGET: Target = {
  profile: CPU_PROFILE, storageBuffers: 64, bindingBytes: 2 ** 32, bufferBytes: 2 ** 32,
};

/** The same where the engine has relaxed SIMD, whose sums of products round once. */
export const FUSED_CPU_TARGET: Target = { ...CPU_TARGET, profile: { ...CPU_PROFILE, fused: true } };

/** What WebGPU guarantees everywhere. */
export const BASE_TARGET: Target = {
  profile: DEFAULT_PROFILE, storageBuffers: 8, bindingBytes: 134217728, bufferBytes: 268435456,
};
