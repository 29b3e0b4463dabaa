import type { DeviceBuffer } from '../../runtime/memory.ts';
import type { ResolvedSampling } from '../../runtime/sampling/options.ts';
import { encodeSettings } from '../../runtime/sampling/settings.ts';
import { seenBitmap, type SamplingStart } from '../../runtime/sampling/start.ts';
import { gpuBuffer } from '../../runtime/webgpu/buffer.ts';
import type { WebGpuDevice } from '../../runtime/webgpu/device.ts';
import { createBuffers, destroyBuffers } from '../../runtime/webgpu/sampling/buffers.ts';
import { createPrograms } from '../../runtime/webgpu/sampling/programs.ts';
import { samplingWgsl } from '../../runtime/webgpu/sampling/wgsl.ts';
import { readInts, uploadLogits, type Rows } from './device.ts';

function submitPass(gpu: GPUDevice, record: (pass: GPUComputePassEncoder) => void): void {
  const encoder = gpu.createCommandEncoder();
  const pass = encoder.beginComputePass();
  record(pass);
  pass.end();
  gpu.queue.submit([encoder.finish()]);
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
export function createInspect(device: WebGpuDevice, batch: number, subgroups = false): Inspect {
  const { gpu } = device;
  const massesLayout = gpu.createBindGroupLayout({
    entries: [{ binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'storage' } }],
  });
  const module = gpu.createShaderModule({ code: samplingWgsl({ batch, subgroups }) + INSPECT_WGSL });
  const group = (layout: GPUBindGroupLayout, buffer: DeviceBuffer): GPUBindGroup =>
    gpu.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: gpuBuffer(buffer) } }] });
  return async (rows, options, seen) => {
    const layout = { batch, vocab: options.vocabSize, maxSteps: 1, subgroups };
    const buffers = createBuffers(gpu, layout);
    const programs = createPrograms(gpu, layout, buffers);
    const pipeline = gpu.createComputePipeline({
      layout: gpu.createPipelineLayout({ bindGroupLayouts: [...programs.groupLayouts, massesLayout] }),
      compute: { module, entryPoint: 'inspect' },
    });
    const logits = uploadLogits(device, rows);
    const masses = device.createBuffer('masses', 8 * batch * options.vocabSize);
    const rules = { stopIds: [], padId: 0, streams: new Uint32Array(batch) };
    gpu.queue.writeBuffer(buffers.settings, 0, encodeSettings(options, rules));
    gpu.queue.writeBuffer(buffers.seen, 0, seenBitmap(layout, seen));
    submitPass(gpu, (pass) => {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, programs.stateGroup, [0]);
      pass.setBindGroup(1, group(programs.logitsLayout, logits));
      pass.setBindGroup(2, group(massesLayout, masses));
      pass.dispatchWorkgroups(batch);
    });
    const inspected = inspectedRows(await readInts(device, masses, 2 * batch * options.vocabSize), options.vocabSize);
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
