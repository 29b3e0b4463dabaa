import type { LoopNest } from './ir.ts';

/** Threads that a workgroup may have on every GPU (WebGPU's least `maxComputeInvocationsPerWorkgroup`). */
export const MOST_THREADS = 256;

/** Lanes of all subgroups of a cell. */
export const threadsOf = ({ lanes, parts }: Pick<LoopNest, 'lanes' | 'parts'>): number => lanes * (parts?.count ?? 1);
