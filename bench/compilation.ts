import type { PldrConfig } from '../models/pldr/index.ts';

/** What one process is to compile. */
export interface CompileRequest {
  readonly config: PldrConfig;
  readonly target: 'cpu' | 'webgpu';
  /** Folder of the disk cache and of Mesa's shaders; what lies there is read and not made. */
  readonly programs: string;
}

/** What it took. */
export interface Compilation {
  /** Whether the built package ran, and not the sources through tsx. */
  readonly built: boolean;
  /** Loading the compiler's own modules. */
  readonly modulesMs: number;
  /** The readable name of the device whose driver compiled pipelines. */
  readonly device?: string;
  /** By what was done: graph, passes, fuse, lower, emit, encode, pipelines; `cache` reads and writes programs. */
  readonly phasesMs: Readonly<Record<string, number>>;
  /** Processor time of the whole process, all its threads together. */
  readonly userMs: number;
  readonly programs: readonly ProgramSizes[];
  readonly peakRssBytes: number;
}

export interface ProgramSizes {
  readonly name: string;
  readonly kernels: number;
  /** Kernels whose code is no other's. */
  readonly distinct: number;
  readonly moduleBytes: number;
}
