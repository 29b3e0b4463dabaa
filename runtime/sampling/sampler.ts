import { RicciError } from '../../dsl/errors.ts';
import {
  CHOSEN_BYTES,
  createBuffers,
  destroyBuffers,
  type SamplerBuffers,
  type SamplerControl,
  type SamplerLayout,
} from './buffers.ts';
import { MAX_BATCH, MAX_STEPS, MAX_VOCAB } from './limits.ts';
import { isIntegerWithin, problemsError, type ResolvedSampling } from './options.ts';
import { createPrograms, type SamplerPrograms } from './programs.ts';
import { Readback } from './readback.ts';
import { encodeSettings } from './settings.ts';
import { checkStart, type SamplingStart, seenBitmap } from './start.ts';

export type { SamplerControl, SamplerLayout } from './buffers.ts';
export type { SamplingStart } from './start.ts';

/** Logits of a step: f32 [B, V] from a byte offset of a buffer on. */
export interface LogitsBinding {
  readonly buffer: GPUBuffer;
  /** In bytes, a multiple of the device's `minStorageBufferOffsetAlignment`. */
  readonly offset: number;
  /** In bytes, at least 4 · B · V. */
  readonly size: number;
}

export interface TokenBlock {
  /** [count, B] */
  readonly ids: Int32Array;
  /** [count, B]; bit 0: NaN or an infinity was among the logits. */
  readonly flags: Int32Array;
}

/**
 * Chooses the next token of every row on the GPU and advances the generation there, so that the host never stands
 * between two tokens. After `encode(pass, logits, n)` has run, `control` holds the token of step n and the position and
 * slot at which that token must be placed: at step 0 those that `begin` set, and one more at each further step. A row
 * that chose a stop token produces the pad token from the next step on; its position and slot go on advancing.
 */
export interface Sampler {
  readonly control: SamplerControl;
  /**
   * Starts a generation: resets the state. Work already submitted is not disturbed.
   * @throws RicciError `sampling/invalid-start`, listing every problem at once
   */
  begin(options: ResolvedSampling, start: SamplingStart): void;
  /**
   * Adds the choice of one token per row to a compute pass; steps count from 0 and must run in order.
   * @throws RicciError `sampling/not-begun`, `sampling/too-many-steps`, `sampling/bad-logits`
   */
  encode(pass: GPUComputePassEncoder, logits: LogitsBinding, step: number): void;
  /**
   * The tokens of the steps `from` … `from + count − 1`, which must have been submitted; later steps may be too.
   * @throws RicciError `sampling/no-such-steps`, `sampling/read-failed`
   */
  readTokens(from: number, count: number): Promise<TokenBlock>;
  /** Frees the buffers; reads under way fail. */
  destroy(): void;
}

/** @throws RicciError `sampling/invalid-layout`, `sampling/allocation-failed` */
export async function createSampler(device: GPUDevice, layout: SamplerLayout): Promise<Sampler> {
  checkLayout(layout);
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const buffers = createBuffers(device, layout);
  const programs = createPrograms(device, layout, buffers);
  const errors = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
  const failure = errors.find((error) => error !== null);
  if (failure === undefined || failure === null) return new GpuSampler(device, layout, buffers, programs);
  destroyBuffers(buffers);
  throw new RicciError({
    code: 'sampling/allocation-failed',
    message: `The sampler for ${layout.batch} rows and ${layout.maxSteps} steps could not be made: ${failure.message}`,
    hint: 'Use a smaller batch, fewer steps, or a device with more memory.',
    cause: failure,
  });
}

function checkLayout({ batch, vocab, maxSteps }: SamplerLayout): void {
  const problems: string[] = [];
  const check = (name: string, value: number, most: number): void => {
    if (isIntegerWithin(value, 1, most)) return;
    problems.push(`${name} is ${value}, but must be a whole number from 1 to ${most}`);
  };
  check('batch', batch, MAX_BATCH);
  check('vocab', vocab, MAX_VOCAB);
  check('maxSteps', maxSteps, MAX_STEPS);
  if (problems.length > 0) throw problemsError('sampling/invalid-layout', 'The sampler cannot be made', problems);
}

class GpuSampler implements Sampler {
  readonly control: SamplerControl;
  readonly #device: GPUDevice;
  readonly #layout: SamplerLayout;
  readonly #buffers: SamplerBuffers;
  readonly #programs: SamplerPrograms;
  readonly #readback: Readback;
  /** Bind groups by buffer and offset: making one costs more host time than everything else of a step. */
  readonly #logitsGroups = new WeakMap<GPUBuffer, Map<number, GPUBindGroup>>();
  #pipeline: GPUComputePipeline | undefined;

  constructor(device: GPUDevice, layout: SamplerLayout, buffers: SamplerBuffers, programs: SamplerPrograms) {
    this.control = buffers.control;
    this.#device = device;
    this.#layout = layout;
    this.#buffers = buffers;
    this.#programs = programs;
    this.#readback = new Readback(device);
  }

  begin(options: ResolvedSampling, start: SamplingStart): void {
    checkStart(this.#layout, options, start);
    const { batch } = this.#layout;
    const { control, settings, seen } = this.#buffers;
    const streams = start.streams ?? Uint32Array.from({ length: batch }, (_, row) => row);
    const { queue } = this.#device;
    queue.writeBuffer(settings, 0, encodeSettings(options, { stopIds: start.stopIds, padId: start.padId, streams }));
    queue.writeBuffer(control.position, 0, Int32Array.from(start.position));
    queue.writeBuffer(control.slot, 0, Int32Array.from(start.slot));
    queue.writeBuffer(control.ids, 0, new Int32Array(batch));
    queue.writeBuffer(control.finished, 0, new Int32Array(batch));
    if (options.repetitionPenalty !== 1) queue.writeBuffer(seen, 0, seenBitmap(this.#layout, start.seen));
    this.#pipeline = this.#programs.pipeline(options.greedy);
  }

  encode(pass: GPUComputePassEncoder, logits: LogitsBinding, step: number): void {
    if (this.#pipeline === undefined) throw notBegun();
    if (!isIntegerWithin(step, 0, this.#layout.maxSteps - 1)) throw tooManySteps(step, this.#layout.maxSteps);
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#programs.stateGroup, [step * this.#buffers.stepStride]);
    pass.setBindGroup(1, this.#logitsGroup(logits));
    pass.dispatchWorkgroups(this.#layout.batch);
  }

  async readTokens(from: number, count: number): Promise<TokenBlock> {
    const { batch, maxSteps } = this.#layout;
    if (!isIntegerWithin(from, 0, maxSteps - 1) || !isIntegerWithin(count, 1, maxSteps - from)) {
      throw new RicciError({
        code: 'sampling/no-such-steps',
        message: `${count} tokens from step ${from} on were asked for, but the sampler has steps 0 to ${maxSteps - 1}.`,
        hint: 'Ask for steps that were submitted.',
      });
    }
    const rowBytes = CHOSEN_BYTES * batch;
    const pairs = new Int32Array(await this.#readback.read(this.#buffers.chosen, from * rowBytes, count * rowBytes));
    return { ids: pairs.filter((_, index) => index % 2 === 0), flags: pairs.filter((_, index) => index % 2 === 1) };
  }

  destroy(): void {
    this.#readback.destroy();
    destroyBuffers(this.#buffers);
  }

  #logitsGroup(logits: LogitsBinding): GPUBindGroup {
    const groups = this.#logitsGroups.get(logits.buffer) ?? new Map<number, GPUBindGroup>();
    const known = groups.get(logits.offset);
    if (known !== undefined) return known;
    const size = 4 * this.#layout.batch * this.#layout.vocab;
    checkLogits(logits, size, this.#device.limits.minStorageBufferOffsetAlignment);
    const group = this.#device.createBindGroup({
      label: 'sampling logits',
      layout: this.#programs.logitsLayout,
      entries: [{ binding: 0, resource: { buffer: logits.buffer, offset: logits.offset, size } }],
    });
    groups.set(logits.offset, group);
    this.#logitsGroups.set(logits.buffer, groups);
    return group;
  }
}

function checkLogits({ buffer, offset, size }: LogitsBinding, needed: number, alignment: number): void {
  const problems: string[] = [];
  if (size < needed) problems.push(`they have ${size} bytes, but the sampler needs ${needed}`);
  if (offset % alignment !== 0) problems.push(`they begin at byte ${offset}, which is not a multiple of ${alignment}`);
  if (offset + needed > buffer.size) problems.push(`they end at byte ${offset + needed} of a buffer of ${buffer.size}`);
  if (problems.length > 0) throw problemsError('sampling/bad-logits', 'The logits cannot be bound', problems);
}

const notBegun = (): RicciError =>
  new RicciError({
    code: 'sampling/not-begun',
    message: 'A step was encoded before the generation began.',
    hint: 'Call begin first.',
  });

const tooManySteps = (step: number, maxSteps: number): RicciError =>
  new RicciError({
    code: 'sampling/too-many-steps',
    message: `Step ${step} was encoded, but the sampler has steps 0 to ${maxSteps - 1}.`,
    hint: 'Make the sampler with a larger maxSteps.',
  });
