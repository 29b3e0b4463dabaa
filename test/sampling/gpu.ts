import { createBuffers, destroyBuffers } from '../../runtime/sampling/buffers.ts';
import { type ResolvedSampling, resolveSampling, type SamplingOptions } from '../../runtime/sampling/options.ts';
import { createPrograms } from '../../runtime/sampling/programs.ts';
import { createSampler, type Sampler, type SamplingStart, type TokenBlock } from '../../runtime/sampling/sampler.ts';
import { encodeSettings } from '../../runtime/sampling/settings.ts';
import { seenBitmap } from '../../runtime/sampling/start.ts';
import { samplingWgsl } from '../../runtime/sampling/wgsl.ts';

/** Rows of logits of one length. */
export type Rows = readonly Float32Array[];

export const flatten = (rows: Rows): Float32Array<ArrayBuffer> => Float32Array.from(rows.flatMap((row) => [...row]));

export function uploadLogits(device: GPUDevice, rows: Rows): GPUBuffer {
  const data = flatten(rows);
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ size: data.byteLength, usage });
  device.queue.writeBuffer(buffer, 0, data);
  return buffer;
}

export async function readInts(device: GPUDevice, source: GPUBuffer): Promise<readonly number[]> {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const staging = device.createBuffer({ size: source.size, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(source, 0, staging, 0, source.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const ints = [...new Int32Array(staging.getMappedRange())];
  staging.destroy();
  return ints;
}

export function submitPass(device: GPUDevice, record: (pass: GPUComputePassEncoder) => void): void {
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass);
  pass.end();
  device.queue.submit([encoder.finish()]);
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
export async function sampleRepeatedly(
  device: GPUDevice,
  sampler: Sampler,
  rows: Rows,
  options: SamplingOptions,
  more: Partial<SamplingStart> & { readonly steps: number },
): Promise<TokenBlock> {
  const buffer = uploadLogits(device, rows);
  sampler.begin(resolveSampling(options, rows[0]?.length ?? 0), plainStart(rows.length, more));
  submitPass(device, (pass) => {
    for (let step = 0; step < more.steps; step++) sampler.encode(pass, { buffer, offset: 0, size: buffer.size }, step);
  });
  const block = await sampler.readTokens(0, more.steps);
  buffer.destroy();
  return block;
}

/** Makes a sampler for the time of one use. */
export async function withSampler<Result>(
  device: GPUDevice,
  layout: { readonly batch: number; readonly vocab: number; readonly maxSteps: number; readonly subgroups?: boolean },
  use: (sampler: Sampler) => Promise<Result>,
): Promise<Result> {
  const sampler = await createSampler(device, { subgroups: false, ...layout });
  try {
    return await use(sampler);
  } finally {
    sampler.destroy();
  }
}

/** A second entry point of the product's own program: writes what the draw would see instead of drawing. */
const INSPECT_WGSL = `
@group(2) @binding(0) var<storage, read_write> masses: array<u32>;

@compute @workgroup_size(LANES)
fn inspect(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = workgroup.x;
  let heaviest = findHeaviest(row, lane).key;
  let selection = filterRow(row, lane, heaviest);
  if (lane != 0u) { return; }
  var tiesLeft = selection.ties;
  for (var id = 0u; id < settings.vocab; id++) {
    let key = keyOf(row, id);
    let isTie = key == selection.lowest && tiesLeft > 0u;
    let kept = (isTie || key > selection.lowest) && weightOf(key, heaviest) >= settings.leastWeight;
    if (isTie) { tiesLeft--; }
    let at = 2u * (row * settings.vocab + id);
    masses[at] = u32(kept);
    masses[at + 1u] = select(0u, weightOf(key, heaviest), kept);
  }
}
`;

export interface InspectedRow {
  readonly kept: readonly boolean[];
  readonly masses: readonly number[];
}

/** Runs the sampler's filters on the GPU and returns, per row, what is kept and with what weight. */
export interface Inspect {
  (rows: Rows, options: ResolvedSampling, seen?: SamplingStart['seen']): Promise<readonly InspectedRow[]>;
}

/** The filters as one pipeline for batches of `batch` rows of any vocabulary. */
export function createInspect(device: GPUDevice, batch: number, subgroups = false): Inspect {
  const massesLayout = device.createBindGroupLayout({
    entries: [{ binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'storage' } }],
  });
  const module = device.createShaderModule({ code: samplingWgsl({ batch, subgroups }) + INSPECT_WGSL });
  const group = (layout: GPUBindGroupLayout, buffer: GPUBuffer): GPUBindGroup =>
    device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] });
  return async (rows, options, seen) => {
    const layout = { batch, vocab: options.vocabSize, maxSteps: 1, subgroups };
    const buffers = createBuffers(device, layout);
    const programs = createPrograms(device, layout, buffers);
    const pipeline = device.createComputePipeline({
      layout: device.createPipelineLayout({ bindGroupLayouts: [...programs.groupLayouts, massesLayout] }),
      compute: { module, entryPoint: 'inspect' },
    });
    const logits = uploadLogits(device, rows);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
    const masses = device.createBuffer({ size: 2 * logits.size, usage });
    const rules = { stopIds: [], padId: 0, streams: new Uint32Array(batch) };
    device.queue.writeBuffer(buffers.settings, 0, encodeSettings(options, rules));
    device.queue.writeBuffer(buffers.seen, 0, seenBitmap(layout, seen));
    submitPass(device, (pass) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, programs.stateGroup, [0]);
      pass.setBindGroup(1, group(programs.logitsLayout, logits));
      pass.setBindGroup(2, group(massesLayout, masses));
      pass.dispatchWorkgroups(batch);
    });
    const inspected = inspectedRows(await readInts(device, masses), options.vocabSize);
    for (const buffer of [logits, masses]) buffer.destroy();
    destroyBuffers(buffers);
    return inspected;
  };
}

/** From pairs of (kept, mass), [B, V]. */
function inspectedRows(words: readonly number[], vocab: number): readonly InspectedRow[] {
  return Array.from({ length: words.length / (2 * vocab) }, (_, row) => {
    const pairs = words.slice(2 * row * vocab, 2 * (row + 1) * vocab);
    return {
      kept: pairs.filter((__, index) => index % 2 === 0).map((kept) => kept === 1),
      masses: pairs.filter((__, index) => index % 2 === 1).map((mass) => mass >>> 0),
    };
  });
}
