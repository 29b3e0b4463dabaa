import type { DeviceLimits } from '../../../runtime/device.ts';

export interface AttentionSizes {
  readonly heads: number;
  readonly width: number;
  readonly keys: number;
  readonly queries: number;
}

/** Rows of a table, their entries, and how many rows are taken. */
export interface GatherSizes {
  readonly rows: number;
  readonly width: number;
  readonly taken: number;
}

/** How large the kernels of a device are: past what its caches hold, and no longer than a moment each. */
export interface KernelSizes {
  /** Of square matrices that meet one row. */
  readonly matvec: readonly number[];
  /** Of products of square matrices; the largest is the roof's. */
  readonly matmul: readonly number[];
  readonly batched: { readonly count: number; readonly n: number };
  /** Of kernels over rows, and element by element: rows and columns are as many. */
  readonly square: readonly number[];
  readonly attention: AttentionSizes;
  readonly gather: GatherSizes;
  /** Entries of what is copied. */
  readonly copy: readonly number[];
  /** Entries of what only computes. */
  readonly compute: number;
}

const SOFTWARE: KernelSizes = {
  matvec: [512, 2048, 4096], matmul: [128, 512], batched: { count: 16, n: 64 }, square: [512, 1024],
  attention: { heads: 8, width: 64, keys: 512, queries: 64 }, gather: { rows: 8192, width: 256, taken: 512 },
  copy: [1 << 16, 1 << 20, 1 << 23], compute: 1 << 17,
};

const CPU: KernelSizes = {
  matvec: [512, 1024, 4096], matmul: [128, 512, 1024], batched: { count: 16, n: 128 }, square: [512, 2048],
  attention: { heads: 8, width: 64, keys: 1024, queries: 128 }, gather: { rows: 16384, width: 256, taken: 2048 },
  copy: [1 << 16, 1 << 19, 1 << 23], compute: 1 << 17,
};

const HARDWARE: KernelSizes = {
  matvec: [1024, 4096, 8192], matmul: [512, 1024, 4096], batched: { count: 32, n: 256 }, square: [1024, 4096],
  attention: { heads: 16, width: 64, keys: 2048, queries: 1024 }, gather: { rows: 65536, width: 512, taken: 8192 },
  copy: [1 << 20, 1 << 23, 1 << 26], compute: 1 << 22,
};

export function kernelSizes(limits: DeviceLimits): KernelSizes {
  if (limits.kind === 'cpu') return CPU;
  return limits.software ? SOFTWARE : HARDWARE;
}
