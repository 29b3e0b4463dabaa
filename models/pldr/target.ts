import type { Target } from '../../compiler/compile.ts';
import { DEFAULT_PROFILE } from '../../compiler/loop/schedule.ts';
import type { GpuDevice } from '../../runtime/webgpu/device.ts';

/** What the compiler needs to know of a device. Subgroup operations are used where every subgroup has one size. */
export function targetOf(gpu: GpuDevice): Target {
  const { limits, features } = gpu.device;
  const size = gpu.info.subgroupSize;
  const fixed = features.has('subgroups') && size !== undefined && size.min === size.max ? size.min : undefined;
  return {
    profile: { ...DEFAULT_PROFILE, subgroup: fixed, unroll: !gpu.info.software },
    storageBuffers: limits.maxStorageBuffersPerShaderStage,
    bindingBytes: limits.maxStorageBufferBindingSize,
    bufferBytes: limits.maxBufferSize,
  };
}
