import { memoryEntries, memoryStrides } from '../../compiler/program.ts';
import type { Device } from '../../runtime/device.ts';
import type { DeviceBuffer } from '../../runtime/memory.ts';
import { type ResolvedSampling, resolveSampling, type SamplingOptions } from '../../runtime/sampling/options.ts';
import type { Sampler, SamplerLayout, TokenBlock } from '../../runtime/sampling/sampler.ts';
import type { SamplingStart } from '../../runtime/sampling/start.ts';
import { WebGpuDevice } from '../../runtime/webgpu/webgpu-device.ts';

/** Rows of logits of one length. */
export type Rows = readonly Float32Array[];

export function uploadLogits(device: Device, rows: Rows): DeviceBuffer {
  const bounds = [rows.length, rows[0]?.length ?? 0];
  const [pitch] = memoryStrides(bounds);
  const data = new Float32Array(memoryEntries(bounds));
  rows.forEach((row, i) => data.set(row, i * pitch));
  const buffer = device.createBuffer('logits', data.byteLength);
  device.write(buffer, 0, data);
  return buffer;
}

/** The first `count` integers of a buffer, all unless it is given: some devices round sizes up. */
export async function readInts(
  device: Device, source: DeviceBuffer, count = source.bytes / 4,
): Promise<readonly number[]> {
  return [...new Int32Array(await device.read(source, [{ offset: 0, bytes: 4 * count }]))];
}

/** A start at position and slot 0 with no stop ids. */
export const plainStart = (batch: number, more: Partial<SamplingStart> = {}): SamplingStart => ({
  position: new Int32Array(batch),
  slot: new Int32Array(batch),
  stopIds: [],
  padId: 0,
  ...more,
});

/** Samples `steps` tokens per row from logits that stay the same. */
export async function sampleSteps(
  device: Device,
  sampler: Sampler,
  rows: Rows,
  options: ResolvedSampling,
  start: SamplingStart,
  steps: number,
): Promise<TokenBlock> {
  const buffer = uploadLogits(device, rows);
  sampler.begin(options, start);
  const logits = { buffer, offset: 0, size: buffer.bytes };
  device.submit((commands) => {
    for (let step = 0; step < steps; step++) commands.sample(sampler, logits, step);
  });
  const block = await sampler.readTokens(0, steps);
  buffer.destroy();
  return block;
}

/** The same with a plain start, but for what `more` says. */
export const sampleRepeatedly = (
  device: Device,
  sampler: Sampler,
  rows: Rows,
  options: SamplingOptions,
  { steps, ...more }: Partial<SamplingStart> & { readonly steps: number },
): Promise<TokenBlock> =>
  sampleSteps(
    device, sampler, rows, resolveSampling(options, rows[0]?.length ?? 0), plainStart(rows.length, more), steps,
  );

/** Makes samplers: those of a device, or one kind of them. */
export interface SamplerMaker {
  createSampler(layout: SamplerLayout): Promise<Sampler>;
}

/** Makes a device's samplers; a GPU's make no use of subgroups. */
export const plainSamplers = (device: () => Device): SamplerMaker => ({
  createSampler(layout) {
    const one = device();
    return one instanceof WebGpuDevice ? one.createSampler(layout, { subgroups: false }) : one.createSampler(layout);
  },
});

/** Makes a sampler for the time of one use. */
export async function withSampler<Result>(
  maker: SamplerMaker,
  layout: SamplerLayout,
  use: (sampler: Sampler) => Promise<Result>,
): Promise<Result> {
  const sampler = await maker.createSampler(layout);
  try {
    return await use(sampler);
  } finally {
    sampler.destroy();
  }
}
