import { workgroups, type Kernel, type Program, type Region } from '../../compiler/program.ts';
import { RicciError } from '../../dsl/errors.ts';
import { bufferKey, ensureBuffers, type BufferSet } from '../buffers.ts';
import type { Executable } from '../device.ts';
import { sizeIn, type RunSizes } from '../sizes.ts';
import { gpuBuffer } from './buffer.ts';
import type { Pipeline, PipelineCache } from './pipelines.ts';
import { Timestamps } from './timestamps.ts';

/** Workgroups along one dimension of a dispatch that every device allows. */
const MAX_GROUPS = 65535;

interface Step {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** Of every run, unless its sizes decide. */
  readonly groups: Groups | undefined;
  readonly kernel: Kernel;
}

/** Workgroups along the two dimensions of a dispatch. */
interface Groups {
  readonly x: number;
  readonly y: number;
}

/**
 * A program on a GPU: pipelines, bind groups and most grids made once, run any number of times. A token costs the host
 * little but Dawn's own calls.
 */
export class GpuExecutable implements Executable {
  readonly program: Program;
  readonly #gpu: GPUDevice;
  readonly #steps: readonly Step[];
  readonly #uniform: GPUBuffer;
  readonly #constants: GPUBuffer | undefined;
  /** What the uniform block is to hold: a 1, then the sizes. */
  readonly #words: Int32Array<ArrayBuffer>;

  private constructor(gpu: GPUDevice, program: Program, buffers: BufferSet, pipelines: readonly Pipeline[]) {
    this.program = program;
    this.#gpu = gpu;
    this.#words = new Int32Array(Math.max(4, Math.ceil((program.sizes.length + 1) / 4) * 4));
    this.#words[0] = 1;
    this.#uniform = gpu.createBuffer({
      label: `${program.name}: sizes`,
      size: this.#words.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#constants = constantBuffer(program, gpu);
    this.#steps = program.kernels.map((kernel, i) => {
      const { pipeline, layout } = pipelines[i];
      const bindGroup = gpu.createBindGroup({ layout, entries: this.#entries(kernel, buffers) });
      return { pipeline, bindGroup, groups: hasOneGrid(kernel) ? groupsOf(kernel, {}) : undefined, kernel };
    });
  }

  /**
   * Makes pipelines and bind groups. Buffers for inputs, outputs, states and the arena are made where `buffers` lacks
   * them; weights must be there.
   * @throws `runtime/needs`, `runtime/no-buffer`, `runtime/wgsl`
   */
  static async open(
    gpu: GPUDevice,
    program: Program,
    buffers: BufferSet,
    pipelines: PipelineCache,
  ): Promise<GpuExecutable> {
    checkNeeds(program, gpu);
    ensureBuffers(program, buffers);
    const made = await Promise.all(program.kernels.map((k) =>
      pipelines.get({ code: program.modules[k.module], access: k.bindings.map((b) => b.access) }, k.place)));
    return new GpuExecutable(gpu, program, buffers, made);
  }

  /** Adds the program's dispatches to a pass, and writes the sizes that they read: one run for each submit. */
  encode(pass: GPUComputePassEncoder, sizes: RunSizes): void {
    this.#writeSizes(sizes);
    for (const step of this.#steps) dispatch(pass, step, sizes);
  }

  async time(sizes: RunSizes): Promise<readonly number[]> {
    const timestamps = new Timestamps(this.#gpu, this.#steps.length);
    this.#writeSizes(sizes);
    const encoder = this.#gpu.createCommandEncoder();
    this.#steps.forEach((step, i) => {
      const pass = timestamps.begin(encoder, i);
      dispatch(pass, step, sizes);
      pass.end();
    });
    return timestamps.finish(encoder);
  }

  #writeSizes(sizes: RunSizes): void {
    this.program.sizes.forEach((size, i) => {
      this.#words[i + 1] = sizeIn(sizes, size, this.program.name);
    });
    this.#gpu.queue.writeBuffer(this.#uniform, 0, this.#words);
  }

  destroy(): void {
    this.#uniform.destroy();
    this.#constants?.destroy();
  }

  #entries(kernel: Kernel, buffers: BufferSet): GPUBindGroupEntry[] {
    const constants = this.#constants;
    const bufferOf = (r: Region): GPUBuffer =>
      (r.space === 'constants' && constants !== undefined ? constants : gpuBuffer(buffers.get(bufferKey(r))));
    const bound = kernel.bindings.map(({ region: r }) => fitting(bufferOf(r), r.offset, Math.ceil(r.bytes / 16) * 16));
    return [{ buffer: this.#uniform }, ...bound].map((resource, binding) => ({ binding, resource }));
  }
}

function dispatch(pass: GPUComputePassEncoder, step: Step, sizes: RunSizes): void {
  const { x, y } = step.groups ?? groupsOf(step.kernel, sizes);
  pass.setPipeline(step.pipeline);
  pass.setBindGroup(0, step.bindGroup);
  pass.dispatchWorkgroups(x, y);
}

function groupsOf(kernel: Kernel, sizes: RunSizes): Groups {
  const groups = workgroups(kernel, sizes);
  const x = Math.min(groups, MAX_GROUPS);
  return { x, y: Math.ceil(groups / x) };
}

/** Whether no size of a run changes how many workgroups there are. */
const hasOneGrid = ({ parts }: Kernel): boolean =>
  parts.every(({ dims }) => dims.every(({ size }) => typeof size === 'number'));

/** A binding may not reach beyond its buffer. */
const fitting = (buffer: GPUBuffer, offset: number, size: number): GPUBufferBinding =>
  ({ buffer, offset, size: Math.min(size, buffer.size - offset) });

function constantBuffer(program: Program, device: GPUDevice): GPUBuffer | undefined {
  if (program.constantBytes === 0) return undefined;
  const buffer = device.createBuffer({
    label: `${program.name}: constants`,
    size: program.constantBytes,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
  });
  for (const c of program.constants) device.queue.writeBuffer(buffer, c.offset, Uint32Array.from(c.words));
  return buffer;
}

function checkNeeds(program: Program, device: GPUDevice): void {
  const { needs } = program;
  const problems = [
    ...(program.encoding === 'wgsl' ? [] : ['a device that runs WebAssembly']),
    ...(needs.storageBuffers > device.limits.maxStorageBuffersPerShaderStage
      ? [`${needs.storageBuffers} storage buffers (it has ${device.limits.maxStorageBuffersPerShaderStage})`]
      : []),
    ...(needs.bindingBytes > device.limits.maxStorageBufferBindingSize
      ? [`bindings of ${needs.bindingBytes} bytes (it has ${device.limits.maxStorageBufferBindingSize})`]
      : []),
    ...(needs.threads > device.limits.maxComputeInvocationsPerWorkgroup
      ? [`${needs.threads} threads in a workgroup (it has ${device.limits.maxComputeInvocationsPerWorkgroup})`]
      : []),
    ...(needs.subgroup !== undefined && !device.features.has('subgroups') ? ['subgroups'] : []),
  ];
  if (problems.length === 0) return;
  throw new RicciError({
    code: 'runtime/needs',
    message: `The program "${program.name}" needs what this device lacks: ${problems.join(', ')}.`,
    hint: 'Compile it again for this device.',
  });
}
