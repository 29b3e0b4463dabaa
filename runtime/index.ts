export {
  openReader, openSafetensors, openSharded, withReader, writeSafetensors, type TensorEntry, type TensorFile,
} from './safetensors/index.ts';
export { createSampler, type Sampler } from './sampling/sampler.ts';
export { resolveSampling, type SamplingOptions } from './sampling/options.ts';
export { BufferSet } from './webgpu/buffers.ts';
export { listAdapters, openDevice, type AdapterSummary, type DeviceOptions, type GpuDevice } from './webgpu/device.ts';
export { diagnose } from './webgpu/diagnose.ts';
export { Executable, type RunSizes } from './webgpu/executable.ts';
export { PipelineCache } from './webgpu/pipelines.ts';
export { readValue, writeValue } from './webgpu/transfer.ts';
export { uploadWeights } from './webgpu/weights.ts';
