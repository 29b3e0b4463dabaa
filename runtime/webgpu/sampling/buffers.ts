import type { SamplerLayout } from '../../sampling/sampler.ts';
import { settingsSize } from '../../sampling/settings.ts';
import { seenWords } from '../../sampling/start.ts';
import { WebGpuBuffer } from '../buffer.ts';

export interface SamplerBuffers {
  /** What the step program reads (SamplerControl). */
  readonly control: Readonly<Record<'ids' | 'position' | 'slot' | 'finished', WebGpuBuffer>>;
  /** u32 [B, ceil(V / 32)]: one bit per token seen. */
  readonly seen: GPUBuffer;
  /** vec2i [maxSteps, B]: token and flags. */
  readonly chosen: GPUBuffer;
  readonly settings: GPUBuffer;
  /** The number of every step, each at its own dynamic offset. */
  readonly steps: GPUBuffer;
  /** Bytes between two numbers in `steps`. */
  readonly stepStride: number;
}

/** Bytes of one row's token and flags. */
export const CHOSEN_BYTES = 8;

export function createBuffers(device: GPUDevice, { batch, vocab, maxSteps }: SamplerLayout): SamplerBuffers {
  const { STORAGE, UNIFORM, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const make = (label: string, size: number, usage: number): GPUBuffer =>
    device.createBuffer({ label: `sampling ${label}`, size, usage });
  const control = (label: string): WebGpuBuffer => WebGpuBuffer.create(device, `sampling ${label}`, 4 * batch);
  const stepStride = device.limits.minUniformBufferOffsetAlignment;
  const buffers: SamplerBuffers = {
    control: {
      ids: control('ids'),
      position: control('position'),
      slot: control('slot'),
      finished: control('finished'),
    },
    seen: make('seen', 4 * batch * seenWords(vocab), STORAGE | COPY_DST),
    chosen: make('chosen', CHOSEN_BYTES * batch * maxSteps, STORAGE | COPY_SRC),
    settings: make('settings', settingsSize(batch), UNIFORM | COPY_DST),
    steps: make('steps', stepStride * maxSteps, UNIFORM | COPY_DST),
    stepStride,
  };
  device.queue.writeBuffer(buffers.steps, 0, stepNumbers(maxSteps, stepStride / 4));
  return buffers;
}

export function destroyBuffers({ control, seen, chosen, settings, steps }: SamplerBuffers): void {
  for (const buffer of [...Object.values(control), seen, chosen, settings, steps]) buffer.destroy();
}

function stepNumbers(maxSteps: number, strideWords: number): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(maxSteps * strideWords);
  for (let step = 0; step < maxSteps; step++) words[step * strideWords] = step;
  return words;
}
