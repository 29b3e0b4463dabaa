import type { Program } from '../compiler/program.ts';
import type { RicciError } from '../dsl/errors.ts';
import type { BufferSet } from './buffers.ts';
import type { DeviceBuffer, DeviceMemory } from './memory.ts';
import type { LogitsBinding, Sampler, SamplerLayout } from './sampling/sampler.ts';
import type { RunSizes } from './sizes.ts';

/** A program on a device: made once, run any number of times. */
export interface Executable {
  readonly program: Program;
  /**
   * Runs it once, alone, and measures each kernel: seconds, in the program's order. Values come out as after a submit;
   * on a GPU each kernel is a pass of its own, by the GPU's own clock.
   * @throws RicciError `runtime/size`, `runtime/no-timestamps` where the GPU has no clock that WebGPU reads
   */
  time(sizes: RunSizes): Promise<readonly number[]>;
  /** Frees what belongs to it alone; the buffers it was opened with stay. */
  destroy(): void;
}

/** What one submit does, in order. A program may run once in a submit, since its sizes are set once. */
export interface Commands {
  /** @throws RicciError `runtime/size` for a size that is missing or out of its bound, `runtime/run-twice` */
  run(executable: Executable, sizes: RunSizes): void;
  /**
   * Chooses one token for each row; steps count from 0 and must run in order.
   * @throws RicciError `sampling/not-begun`, `sampling/too-many-steps`, `sampling/bad-logits`
   */
  sample(sampler: Sampler, logits: LogitsBinding, step: number): void;
  /** From one buffer to another one; offsets and `bytes` are multiples of 4. */
  copy(from: DeviceBuffer, fromOffset: number, to: DeviceBuffer, toOffset: number, bytes: number): void;
}

/** What the compiler must know of a GPU. */
export interface WebGpuLimits {
  readonly kind: 'webgpu';
  /** Lanes of a subgroup, where every subgroup has so many; undefined where they differ or there are none. */
  readonly subgroup: number | undefined;
  /** Whether a lane can ask which subgroup of its workgroup it is in: a newer part of WGSL. */
  readonly numbered: boolean;
  /** Whether the "GPU" is a CPU, which computes on the host's cores and in the host's memory. */
  readonly software: boolean;
  /** Storage buffers that one kernel may bind. */
  readonly storageBuffers: number;
  readonly bindingBytes: number;
  readonly bufferBytes: number;
}

/** The host's own CPU. */
export interface CpuLimits {
  readonly kind: 'cpu';
  /** Whether vectors multiply and add in one instruction, of relaxed SIMD. */
  readonly fused: boolean;
}

export type DeviceLimits = WebGpuLimits | CpuLimits;

/** Why a device is gone: `destroyed` by its own `close`, or another word. */
export interface DeviceLoss {
  readonly reason: string;
  /** What the driver says of it; may be empty. */
  readonly message: string;
}

/** An open device. Whoever opened it closes it; of the device's parts, a caller uses only those that it made itself. */
export interface Device extends DeviceMemory {
  readonly kind: DeviceLimits['kind'];
  /** Readable name, for messages and reports. */
  readonly name: string;
  /** What it runs on, as the machine names it: a GPU's vendor, architecture and driver, or a processor. */
  readonly hardware: string;
  readonly limits: DeviceLimits;
  /** How many pipelines or modules were ever made for programs; generating must not change it. */
  readonly compiled: number;
  /**
   * Makes a program ready to run. Buffers for inputs, outputs, states and the arena are made where `buffers` lacks
   * them; weights must be there.
   * @throws RicciError `runtime/needs` when the device lacks what the program needs, `runtime/no-buffer`
   */
  open(program: Program, buffers: BufferSet): Promise<Executable>;
  /** @throws RicciError `sampling/invalid-layout`, `sampling/allocation-failed` */
  createSampler(layout: SamplerLayout): Promise<Sampler>;
  /**
   * Starts what `work` asks for, as one piece. A device may do it at once, or after `work` returns: writes and reads
   * stand before or after a submit, not inside it.
   */
  submit(work: (commands: Commands) => void): void;
  /** When everything that was written and submitted so far is done. */
  settled(): Promise<void>;
  /** Errors that nobody was told of since the last call, oldest first; empties the list. */
  takeErrors(): readonly RicciError[];
  /** Settles when the device is lost, `close` included. */
  readonly lost: Promise<DeviceLoss>;
  /** Frees the device and everything made from it; a second call does nothing. */
  close(): void;
}
