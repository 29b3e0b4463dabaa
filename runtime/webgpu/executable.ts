import { workgroups, type Kernel, type Program, type Value } from '../../compiler/program.ts';
import { RicciError } from '../../dsl/errors.ts';
import { bufferKey, type BufferSet } from './buffers.ts';
import type { PipelineCache } from './pipelines.ts';
import { waitFor } from './wait.ts';

/** The value of every symbolic size in one run. */
export type RunSizes = Readonly<Record<string, number>>;

/** Workgroups along one dimension of a dispatch that every device allows. */
const MAX_GROUPS = 65535;

interface Step {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

/** A program on a device: pipelines and bind groups made once, run any number of times. */
export class Executable {
  readonly program: Program;
  readonly #device: GPUDevice;
  readonly #steps: readonly Step[];
  readonly #uniform: GPUBuffer;
  readonly #owned: readonly GPUBuffer[];

  private constructor(
    program: Program,
    device: GPUDevice,
    steps: readonly Step[],
    uniform: GPUBuffer,
    owned: readonly GPUBuffer[],
  ) {
    this.program = program;
    this.#device = device;
    this.#steps = steps;
    this.#uniform = uniform;
    this.#owned = owned;
  }

  /**
   * Makes pipelines and bind groups. Buffers for inputs, outputs, states and the arena are made where `buffers` lacks
   * them; weights must be there.
   */
  static async open(
    program: Program,
    device: GPUDevice,
    buffers: BufferSet,
    pipelines: PipelineCache,
  ): Promise<Executable> {
    checkNeeds(program, device);
    const uniform = device.createBuffer({
      label: `${program.name}: sizes`,
      size: blockWords(program) * 4,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    const constants = constantBuffer(program, device);
    buffers.ensure('arena:arena', program.arenaBytes);
    for (const v of valuesOf(program)) buffers.ensure(bufferKey(v.region), v.region.bytes);
    const bufferOf = (r: Kernel['bindings'][number]['region']): GPUBuffer =>
      (r.space === 'constants' && constants !== undefined ? constants : buffers.get(bufferKey(r)));
    const made = await waitFor(Promise.all(program.kernels.map((k) =>
      pipelines.get({ code: program.modules[k.module], access: k.bindings.map((b) => b.access) }, k.place))));
    const steps = program.kernels.map((kernel, i): Step => ({
      kernel,
      pipeline: made[i].pipeline,
      bindGroup: device.createBindGroup({
        layout: made[i].layout,
        entries: [
          { binding: 0, resource: { buffer: uniform } },
          ...kernel.bindings.map((b, n) => ({
            binding: n + 1,
            resource: {
              buffer: bufferOf(b.region), offset: b.region.offset, size: Math.ceil(b.region.bytes / 16) * 16,
            },
          })),
        ].map((e) => fitEntry(e)),
      }),
    }));
    return new Executable(program, device, steps, uniform, constants === undefined ? [uniform] : [uniform, constants]);
  }

  /** Writes the sizes of the next run. @throws `runtime/size` for a size that is missing or out of its bound. */
  setSizes(sizes: RunSizes): void {
    const words = new Int32Array(blockWords(this.program));
    words[0] = 1;
    this.program.sizes.forEach((s, i) => {
      const value = sizes[s.name];
      if (value === undefined || value < 1 || value > s.max) throw sizeError(this.program.name, s.name, value, s.max);
      words[i + 1] = value;
    });
    this.#device.queue.writeBuffer(this.#uniform, 0, words);
  }

  /**
   * Adds the program's dispatches to a pass; `setSizes` with the same sizes must have been called before the submit.
   */
  encode(pass: GPUComputePassEncoder, sizes: RunSizes): void {
    for (const s of this.#steps) {
      const groups = workgroups(s.kernel, sizes);
      const x = Math.min(groups, MAX_GROUPS);
      pass.setPipeline(s.pipeline);
      pass.setBindGroup(0, s.bindGroup);
      pass.dispatchWorkgroups(x, Math.ceil(groups / x));
    }
  }

  destroy(): void {
    for (const b of this.#owned) b.destroy();
  }
}

/** Runs a program once, alone in its submit, and frees it. */
export async function runOnce(executable: Executable, device: GPUDevice, sizes: RunSizes): Promise<void> {
  executable.setSizes(sizes);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  executable.encode(pass, sizes);
  pass.end();
  device.queue.submit([encoder.finish()]);
  await waitFor(device.queue.onSubmittedWorkDone());
  executable.destroy();
}

/** Words of the uniform block: a 1, then the sizes. */
const blockWords = (program: Program): number => Math.max(4, Math.ceil((program.sizes.length + 1) / 4) * 4);

/** A binding may not reach beyond its buffer. */
function fitEntry(e: {
  binding: number;
  resource: { buffer: GPUBuffer; offset?: number; size?: number };
}): GPUBindGroupEntry {
  const { buffer, offset = 0, size } = e.resource;
  if (size === undefined) return e;
  return { binding: e.binding, resource: { buffer, offset, size: Math.min(size, buffer.size - offset) } };
}

const valuesOf = (p: Program): readonly Value[] =>
  [...Object.values(p.inputs), ...Object.values(p.outputs), ...Object.values(p.states)]
    .filter((v) => v.region.space !== 'weights' && v.region.space !== 'constants');

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

const sizeError = (
  program: string,
  name: string,
  value: number | undefined,
  max: number,
): RicciError => new RicciError({
  code: 'runtime/size',
  message: `The size "${name}" of the program "${program}" is ${value ?? 'not given'}, and it runs from 1 to ${max}.`,
  hint: 'Give every symbolic size a number within its bound.',
});
