import { memoryEntries } from '../../../compiler/program.ts';
import { RicciError } from '../../../dsl/errors.ts';
import { checkLayout, checkLogits, checkRead, checkStep, notBegun } from '../../sampling/checks.ts';
import type { ResolvedSampling } from '../../sampling/options.ts';
import type { LogitsBinding, Sampler, SamplerControl, SamplerLayout, TokenBlock } from '../../sampling/sampler.ts';
import { encodeSettings } from '../../sampling/settings.ts';
import { checkStart, type SamplingStart, seenBitmap } from '../../sampling/start.ts';
import { gpuBuffer } from '../buffer.ts';
import type { Waiting } from '../wait.ts';
import { CHOSEN_BYTES, createBuffers, destroyBuffers, type SamplerBuffers } from './buffers.ts';
import { createPrograms, type SamplerPrograms } from './programs.ts';
import { Readback } from './readback.ts';

export interface GpuSamplerLayout extends SamplerLayout {
  /** Whether subgroup operations are made use of: only where the device was opened with the feature `subgroups`. */
  readonly subgroups: boolean;
}

/** Steps whose tokens wait in staging buffers; those of earlier ones are copied when they are read. */
const MOST_STAGED = 8;

/** @throws RicciError `sampling/invalid-layout`, `sampling/allocation-failed` */
export async function createGpuSampler(
  device: GPUDevice,
  layout: GpuSamplerLayout,
  waiting: Waiting,
): Promise<GpuSampler> {
  checkLayout(layout);
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const buffers = createBuffers(device, layout);
  const programs = createPrograms(device, layout, buffers);
  const errors = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  const failure = errors.find((error) => error !== null);
  if (failure === undefined || failure === null) return new GpuSampler(device, layout, buffers, programs, waiting);
  destroyBuffers(buffers);
  throw new RicciError({
    code: 'sampling/allocation-failed',
    message: `The sampler for ${layout.batch} rows and ${layout.maxSteps} steps could not be made: ${failure.message}`,
    hint: 'Use a smaller batch, fewer steps, or a device with more memory.',
    cause: failure,
  });
}

/** A sampler whose state lies on the GPU: two programs written by hand, one workgroup for each row. */
export class GpuSampler implements Sampler {
  readonly control: SamplerControl;
  readonly #device: GPUDevice;
  readonly #layout: SamplerLayout;
  readonly #buffers: SamplerBuffers;
  readonly #programs: SamplerPrograms;
  readonly #readback: Readback;
  /** Of logits that were chosen from: making a bind group costs more host time than everything else of a step. */
  readonly #logitsGroups = new WeakMap<LogitsBinding, GPUBindGroup>();
  /** Tokens of one step each, oldest first. The step's own commands copy them, so that reading needs no submit. */
  readonly #staged = new Map<number, GPUBuffer>();
  #pipeline: GPUComputePipeline | undefined;

  constructor(
    device: GPUDevice,
    layout: SamplerLayout,
    buffers: SamplerBuffers,
    programs: SamplerPrograms,
    waiting: Waiting,
  ) {
    this.control = buffers.control;
    this.#device = device;
    this.#layout = layout;
    this.#buffers = buffers;
    this.#programs = programs;
    this.#readback = new Readback(device, waiting);
  }

  begin(options: ResolvedSampling, start: SamplingStart): void {
    checkStart(this.#layout, options, start);
    for (const step of this.#staged.keys()) this.#unstage(step);
    const { batch } = this.#layout;
    const { control, settings, seen } = this.#buffers;
    const streams = start.streams ?? Uint32Array.from({ length: batch }, (_, row) => row);
    const { queue } = this.#device;
    queue.writeBuffer(settings, 0, encodeSettings(options, { stopIds: start.stopIds, padId: start.padId, streams }));
    queue.writeBuffer(control.position.gpu, 0, Int32Array.from(start.position));
    queue.writeBuffer(control.slot.gpu, 0, Int32Array.from(start.slot));
    queue.writeBuffer(control.ids.gpu, 0, new Int32Array(batch));
    queue.writeBuffer(control.finished.gpu, 0, new Int32Array(batch));
    if (options.repetitionPenalty !== 1) queue.writeBuffer(seen, 0, seenBitmap(this.#layout, start.seen));
    this.#pipeline = this.#programs.pipeline(options.greedy);
  }

  /**
   * Adds the choice of one token per row to a compute pass; steps count from 0 and must run in order.
   * @throws RicciError `sampling/not-begun`, `sampling/too-many-steps`, `sampling/bad-logits`
   */
  encode(pass: GPUComputePassEncoder, logits: LogitsBinding, step: number): void {
    if (this.#pipeline === undefined) throw notBegun();
    checkStep(step, this.#layout);
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#programs.stateGroup, [step * this.#buffers.stepStride]);
    pass.setBindGroup(1, this.#logitsGroups.get(logits) ?? this.#makeLogitsGroup(logits));
    pass.dispatchWorkgroups(this.#layout.batch);
  }

  /** Adds the copy of a step's tokens to the commands that choose them. */
  stage(encoder: GPUCommandEncoder, step: number): void {
    this.#unstage(step);
    const [oldest] = this.#staged.keys();
    if (this.#staged.size === MOST_STAGED) this.#unstage(oldest);
    this.#staged.set(step, this.#copy(encoder, step, 1));
  }

  async readTokens(from: number, count: number): Promise<TokenBlock> {
    checkRead(from, count, this.#layout);
    const staging = (count === 1 ? this.#takeStaged(from) : undefined) ?? this.#copyNow(from, count);
    const pairs = new Int32Array(await this.#readback.read(staging, this.#rowBytes * count));
    return { ids: pairs.filter((_, index) => index % 2 === 0), flags: pairs.filter((_, index) => index % 2 === 1) };
  }

  #copyNow(from: number, count: number): GPUBuffer {
    const encoder = this.#device.createCommandEncoder();
    const staging = this.#copy(encoder, from, count);
    this.#device.queue.submit([encoder.finish()]);
    return staging;
  }

  #copy(encoder: GPUCommandEncoder, from: number, count: number): GPUBuffer {
    return this.#readback.stage(encoder, this.#buffers.chosen, this.#rowBytes * from, this.#rowBytes * count);
  }

  #takeStaged(step: number): GPUBuffer | undefined {
    const staged = this.#staged.get(step);
    this.#staged.delete(step);
    return staged;
  }

  #unstage(step: number): void {
    const staged = this.#takeStaged(step);
    if (staged !== undefined) this.#readback.giveBack(staged);
  }

  get #rowBytes(): number {
    return CHOSEN_BYTES * this.#layout.batch;
  }

  destroy(): void {
    this.#readback.destroy();
    destroyBuffers(this.#buffers);
  }

  #makeLogitsGroup(logits: LogitsBinding): GPUBindGroup {
    const buffer = gpuBuffer(logits.buffer);
    checkLogits(logits, this.#layout, buffer.size, this.#device.limits.minStorageBufferOffsetAlignment);
    const size = 4 * memoryEntries([this.#layout.batch, this.#layout.vocab]);
    const group = this.#device.createBindGroup({
      label: 'sampling logits',
      layout: this.#programs.logitsLayout,
      entries: [{ binding: 0, resource: { buffer, offset: logits.offset, size } }],
    });
    this.#logitsGroups.set(logits, group);
    return group;
  }
}
