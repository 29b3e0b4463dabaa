import { machineThreads } from './cpu/cores.ts';
import { hasVectors } from './cpu/features.ts';

/** The processor that the device `cpu` computes on. */
export interface CpuSummary {
  /** The processor's own name; `CPU` where the machine does not tell. */
  readonly name: string;
  readonly kind: 'cpu';
  /** Whether WebAssembly has vectors here, without which the device runs nothing. */
  readonly simd: boolean;
  /** Threads that compute where nobody says how many. */
  readonly threads: number;
}

/** Describes the processor, without opening a device. */
export async function describeCpu(): Promise<CpuSummary> {
  const simd = hasVectors();
  if (typeof process === 'undefined') return { name: 'CPU', kind: 'cpu', simd, threads: 1 };
  const { cpus } = await import('node:os');
  const name = cpus().at(0)?.model.trim() ?? '';
  return { name: name === '' ? 'CPU' : name, kind: 'cpu', simd, threads: await machineThreads() };
}
