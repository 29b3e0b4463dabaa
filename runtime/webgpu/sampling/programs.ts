import type { SamplerBuffers } from './buffers.ts';
import { greedyWgsl, samplingWgsl } from './wgsl.ts';
import type { RowShader } from './wgsl-row.ts';

/** The two programs of a sampler; each is compiled when it is first asked for. */
export interface SamplerPrograms {
  readonly stateGroup: GPUBindGroup;
  readonly logitsLayout: GPUBindGroupLayout;
  /** What every program of the sampler binds: the state in group 0, the logits in group 1. */
  readonly groupLayouts: readonly GPUBindGroupLayout[];
  pipeline(greedy: boolean): GPUComputePipeline;
}

export function createPrograms(device: GPUDevice, shader: RowShader, buffers: SamplerBuffers): SamplerPrograms {
  const stateLayout = device.createBindGroupLayout({ label: 'sampling state', entries: stateEntries() });
  const logitsLayout = device.createBindGroupLayout({
    label: 'sampling logits',
    entries: [{ binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'read-only-storage' } }],
  });
  const groupLayouts = [stateLayout, logitsLayout];
  const compile = (greedy: boolean): GPUComputePipeline =>
    device.createComputePipeline({
      label: greedy ? 'greedy choice' : 'sampling',
      layout: device.createPipelineLayout({ bindGroupLayouts: groupLayouts }),
      compute: {
        module: device.createShaderModule({ code: greedy ? greedyWgsl(shader) : samplingWgsl(shader) }),
        entryPoint: greedy ? 'greedy' : 'sample',
      },
    });
  const compiled = new Map<boolean, GPUComputePipeline>();
  return {
    stateGroup: createStateGroup(device, stateLayout, buffers),
    logitsLayout,
    groupLayouts,
    pipeline(greedy) {
      const pipeline = compiled.get(greedy) ?? compile(greedy);
      compiled.set(greedy, pipeline);
      return pipeline;
    },
  };
}

/** In the order of the bindings of group 0 (wgsl-row.ts). */
function stateEntries(): GPUBindGroupLayoutEntry[] {
  const buffers: readonly GPUBufferBindingLayout[] = [
    { type: 'uniform' },
    { type: 'uniform', hasDynamicOffset: true },
    ...Array.from({ length: 6 }, (): GPUBufferBindingLayout => ({ type: 'storage' })),
  ];
  return buffers.map((buffer, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer }));
}

function createStateGroup(device: GPUDevice, layout: GPUBindGroupLayout, buffers: SamplerBuffers): GPUBindGroup {
  const { control, seen, chosen, settings, steps } = buffers;
  const bound: readonly GPUBufferBinding[] = [
    { buffer: settings },
    { buffer: steps, size: 4 },
    ...[control.ids, control.position, control.slot, control.finished].map(({ gpu: buffer }) => ({ buffer })),
    ...[seen, chosen].map((buffer) => ({ buffer })),
  ];
  return device.createBindGroup({
    label: 'sampling state',
    layout,
    entries: bound.map((resource, binding) => ({ binding, resource })),
  });
}
