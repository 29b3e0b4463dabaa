import type { Program } from '../../compiler/program.ts';
import { RicciError } from '../../dsl/errors.ts';
import type { BufferSet } from '../buffers.ts';
import type { Commands, Device, DeviceLoss, Executable, WebGpuLimits } from '../device.ts';
import type { ByteRange, DeviceBuffer, Words } from '../memory.ts';
import type { Sampler, SamplerLayout } from '../sampling/sampler.ts';
import type { AdapterSummary } from './adapter.ts';
import { gpuBuffer, WebGpuBuffer } from './buffer.ts';
import { GpuCommands } from './commands.ts';
import { GpuExecutable } from './executable.ts';
import { PipelineCache } from './pipelines.ts';
import { readRanges } from './read.ts';
import { createGpuSampler } from './sampling/gpu-sampler.ts';
import { Waiting } from './wait.ts';

/** A GPU, or a CPU that plays one, by way of WebGPU. Its pipelines live as long as it does. */
export class WebGpuDevice implements Device {
  readonly kind = 'webgpu';
  /** WebGPU's own object, for what only a GPU can do. */
  readonly gpu: GPUDevice;
  readonly info: AdapterSummary;
  readonly limits: WebGpuLimits;
  readonly lost: Promise<DeviceLoss>;
  readonly #pipelines: PipelineCache;
  readonly #waiting = new Waiting();
  #errors: RicciError[] = [];

  /** @param language the newer parts of WGSL that this implementation knows */
  constructor(gpu: GPUDevice, info: AdapterSummary, language: ReadonlySet<string> = new Set()) {
    this.gpu = gpu;
    this.info = info;
    this.limits = limitsFor(gpu, info, language);
    this.lost = gpu.lost;
    this.#pipelines = new PipelineCache(gpu);
    gpu.addEventListener('uncapturederror', (event) => {
      // A browser would also log it; from here on the reader of takeErrors decides what is shown.
      event.preventDefault();
      this.#errors.push(uncaptured(event.error));
    });
  }

  get name(): string {
    return this.info.name;
  }

  get hardware(): string {
    const { vendor, architecture, driver, backend } = this.info;
    return [vendor, architecture, driver, backend].filter((word) => word !== '').join(', ');
  }

  get compiled(): number {
    return this.#pipelines.size;
  }

  createBuffer(label: string, bytes: number): DeviceBuffer {
    return WebGpuBuffer.create(this.gpu, label, bytes);
  }

  /** More than there is, is an error of one kind; more than a buffer may have at all, of the other. */
  async tryCreateBuffer(label: string, bytes: number): Promise<DeviceBuffer | undefined> {
    this.gpu.pushErrorScope('out-of-memory');
    this.gpu.pushErrorScope('validation');
    const made = this.createBuffer(label, bytes);
    const errors = await Promise.all([this.gpu.popErrorScope(), this.gpu.popErrorScope()]);
    if (errors.every((error) => error === null)) return made;
    made.destroy();
    return undefined;
  }

  write(buffer: DeviceBuffer, offset: number, data: Words): void {
    this.gpu.queue.writeBuffer(gpuBuffer(buffer), offset, data);
  }

  read(buffer: DeviceBuffer, ranges: readonly ByteRange[]): Promise<ArrayBuffer> {
    return readRanges(this.gpu, gpuBuffer(buffer), ranges, this.#waiting);
  }

  open(program: Program, buffers: BufferSet): Promise<Executable> {
    return this.#waiting.for(GpuExecutable.open(this.gpu, program, buffers, this.#pipelines));
  }

  /** Subgroup operations are made use of where the device has them, unless `subgroups` is false. */
  createSampler(layout: SamplerLayout, { subgroups = true }: { readonly subgroups?: boolean } = {}): Promise<Sampler> {
    const whole = { ...layout, subgroups: subgroups && this.gpu.features.has('subgroups') };
    return createGpuSampler(this.gpu, whole, this.#waiting);
  }

  submit(work: (commands: Commands) => void): void {
    const commands = new GpuCommands(this.gpu);
    work(commands);
    this.gpu.queue.submit([commands.finish()]);
  }

  /** Staging memory of writes is freed only by a submit, be it empty. */
  async settled(): Promise<void> {
    this.gpu.queue.submit([]);
    await this.#waiting.for(this.gpu.queue.onSubmittedWorkDone());
  }

  takeErrors(): readonly RicciError[] {
    const taken = this.#errors;
    this.#errors = [];
    return taken;
  }

  close(): void {
    this.gpu.destroy();
  }
}

/** Subgroup operations are used where every subgroup has one size. */
function limitsFor(
  { features, limits }: GPUDevice, { subgroupSize: size, software }: AdapterSummary, language: ReadonlySet<string>,
): WebGpuLimits {
  return {
    kind: 'webgpu',
    subgroup: features.has('subgroups') && size !== undefined && size.min === size.max ? size.min : undefined,
    numbered: language.has('subgroup_id'),
    software,
    storageBuffers: limits.maxStorageBuffersPerShaderStage,
    bindingBytes: limits.maxStorageBufferBindingSize,
    bufferBytes: limits.maxBufferSize,
  };
}

function uncaptured(error: GPUError): RicciError {
  const message = `The GPU reported an error: ${error.message}`;
  if (error.constructor.name === 'GPUOutOfMemoryError') {
    const hint = 'Use a smaller model, context or batch, or a device with more memory.';
    return new RicciError({ code: 'device/out-of-memory', message, hint, cause: error });
  }
  const internal = error.constructor.name === 'GPUInternalError';
  return new RicciError({ code: internal ? 'device/internal' : 'device/validation', message, cause: error });
}
