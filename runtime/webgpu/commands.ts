import type { Commands, Executable } from '../device.ts';
import type { DeviceBuffer } from '../memory.ts';
import { notOfThisDevice, runTwice } from '../misuse.ts';
import type { LogitsBinding, Sampler } from '../sampling/sampler.ts';
import type { RunSizes } from '../sizes.ts';
import { gpuBuffer, WEBGPU } from './buffer.ts';
import { GpuExecutable } from './executable.ts';
import { GpuSampler } from './sampling/gpu-sampler.ts';

/** The commands of one submit, encoded as they are asked for: what lies between two copies is one compute pass. */
export class GpuCommands implements Commands {
  readonly #encoder: GPUCommandEncoder;
  readonly #ran: Executable[] = [];
  #pass: GPUComputePassEncoder | undefined;

  constructor(gpu: GPUDevice) {
    this.#encoder = gpu.createCommandEncoder();
  }

  run(executable: Executable, sizes: RunSizes): void {
    if (!(executable instanceof GpuExecutable)) {
      throw notOfThisDevice(WEBGPU, `the program "${executable.program.name}"`);
    }
    if (this.#ran.includes(executable)) throw runTwice(executable.program.name);
    this.#ran.push(executable);
    executable.encode(this.#openPass(), sizes);
  }

  sample(sampler: Sampler, logits: LogitsBinding, step: number): void {
    if (!(sampler instanceof GpuSampler)) throw notOfThisDevice(WEBGPU, 'a sampler');
    sampler.encode(this.#openPass(), logits, step);
    this.#endPass();
    sampler.stage(this.#encoder, step);
  }

  copy(from: DeviceBuffer, fromOffset: number, to: DeviceBuffer, toOffset: number, bytes: number): void {
    this.#endPass();
    this.#encoder.copyBufferToBuffer(gpuBuffer(from), fromOffset, gpuBuffer(to), toOffset, bytes);
  }

  finish(): GPUCommandBuffer {
    this.#endPass();
    return this.#encoder.finish();
  }

  #openPass(): GPUComputePassEncoder {
    this.#pass ??= this.#encoder.beginComputePass();
    return this.#pass;
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }
}
