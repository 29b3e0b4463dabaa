export {
  openReader, openSafetensors, openSharded, withReader, writeSafetensors, type TensorEntry, type TensorFile,
} from './safetensors/index.ts';
export { BufferSet } from './buffers.ts';
export type {
  Commands, CpuLimits, Device, DeviceLimits, DeviceLoss, Executable, WebGpuLimits,
} from './device.ts';
export { describeCpu, type CpuSummary } from './host-cpu.ts';
export type { ByteRange, DeviceBuffer, DeviceMemory } from './memory.ts';
export { chooseDevice, DEVICE_NAMES, openCpu, type DeviceChoice, type DeviceName } from './open.ts';
export { readWeight } from './read-weight.ts';
export { runOnce } from './run-once.ts';
export { resolveSampling, type SamplingOptions } from './sampling/options.ts';
export type { Sampler } from './sampling/sampler.ts';
export type { RunSizes } from './sizes.ts';
export { readValue, writeValue } from './transfer.ts';
export {
  listAdapters, openDevice, type AdapterSummary, type DeviceOptions, type WebGpuDevice,
} from './webgpu/device.ts';
export { diagnose } from './webgpu/diagnose.ts';
export { uploadWeights } from './weights.ts';
