import { CPU_TARGET, FUSED_CPU_TARGET, type Target } from '../../compiler/compile.ts';
import { DEFAULT_PROFILE } from '../../compiler/loop/schedule.ts';
import type { Device } from '../../runtime/device.ts';

/** What the compiler needs to know of a device. */
export function targetOf({ limits }: Pick<Device, 'limits'>): Target {
  switch (limits.kind) {
    case 'cpu':
      return limits.fused ? FUSED_CPU_TARGET : CPU_TARGET;
    case 'webgpu': {
      const { subgroup, software, storageBuffers, bindingBytes, bufferBytes } = limits;
      // A processor's cores are kept busy by few cells.
      const profile = { ...DEFAULT_PROFILE, subgroup, unroll: !software, busyCells: software ? 16 : 1024 };
      return { profile, storageBuffers, bindingBytes, bufferBytes };
    }
  }
}
