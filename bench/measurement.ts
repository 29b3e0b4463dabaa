import type { WeightStorage } from '../dsl/index.ts';
import type { CacheMode } from '../models/pldr/index.ts';
import type { DeviceName } from '../runtime/open.ts';

/** What one process is to measure. */
export interface MeasureRequest {
  readonly model: string;
  readonly prompt: readonly number[];
  readonly tokens: number;
  readonly cache: CacheMode;
  readonly device: DeviceName;
  /** How large matrices are kept; as f32 where this is left out. */
  readonly weights?: WeightStorage;
  /** Of the CPU; its default where this is left out. */
  readonly threads?: number;
  /** Whether the CPU multiplies and adds in one instruction. */
  readonly fused?: boolean;
  /** Folder of compiled programs. */
  readonly programs: string;
}

export interface Measurement {
  readonly ids: readonly number[];
  /** Whether the built package ran, and not the sources through tsx. */
  readonly built: boolean;
  /** From the start of the process: loading, compiling and the prompt's pass. */
  readonly firstTokenMs: number;
  /** From the start of the prompt's pass. */
  readonly promptMs: number;
  /** Tokens after the first, by the time that they took. */
  readonly tokensPerSecond: number;
  readonly weightBytes: number;
  readonly cacheBytes: number;
  readonly peakRssBytes: number;
  /** The device's readable name. */
  readonly device: string;
}
