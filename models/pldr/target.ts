import { CPU_TARGET, FUSED_CPU_TARGET, type Target } from '../../compiler/target.ts';
import { DEFAULT_PROFILE, HARDWARE_PROFILE } from '../../compiler/loop/schedule.ts';
import type { Device } from '../../runtime/device.ts';

/** What the compiler needs to know of a device. */
export function targetOf({ limits }: Pick<Device, 'limits'>): Target {
  switch (limits.kind) {
    case 'cpu':
      return limits.fused ? FUSED_CPU_TARGET : CPU_TARGET;
    case 'webgpu': {
      const { subgroup, numbered, software, storageBuffers, bindingBytes, bufferBytes } = limits;
      const profile = { ...(software ? DEFAULT_PROFILE : HARDWARE_PROFILE), subgroup, numbered, unroll: !software };
      return { profile, storageBuffers, bindingBytes, bufferBytes };
    }
  }
}
