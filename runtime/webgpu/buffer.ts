import type { DeviceBuffer } from '../memory.ts';
import { notOfThisDevice } from '../misuse.ts';

/** What errors call such a device. */
export const WEBGPU = 'A WebGPU device';

/** A buffer of a WebGPU device. */
export class WebGpuBuffer implements DeviceBuffer {
  readonly label: string;
  readonly gpu: GPUBuffer;

  private constructor(label: string, gpu: GPUBuffer) {
    this.label = label;
    this.gpu = gpu;
  }

  /** A buffer that kernels bind and copies reach; its size is a multiple of 4. */
  static create(gpu: GPUDevice, label: string, bytes: number): WebGpuBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    return new WebGpuBuffer(label, gpu.createBuffer({ label, size: Math.max(4, Math.ceil(bytes / 4) * 4), usage }));
  }

  get bytes(): number {
    return this.gpu.size;
  }

  destroy(): void {
    this.gpu.destroy();
  }
}

/** The GPU's own handle of a buffer. @throws RicciError `runtime/foreign` for a buffer of another device */
export function gpuBuffer(buffer: DeviceBuffer): GPUBuffer {
  if (buffer instanceof WebGpuBuffer) return buffer.gpu;
  throw notOfThisDevice(WEBGPU, `the buffer "${buffer.label}"`);
}
