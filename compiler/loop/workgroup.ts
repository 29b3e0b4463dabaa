import type { LoopNest } from './ir.ts';

/*
 * What a workgroup may have on every GPU: the least limits that WebGPU guarantees.
 */

/** Threads (`maxComputeInvocationsPerWorkgroup`). */
export const MOST_THREADS = 256;
/** Bytes that they share (`maxComputeWorkgroupStorageSize`). */
export const SHARED_BYTES = 16384;

/** Lanes of all subgroups of a cell. */
export const threadsOf = ({ lanes, parts }: Pick<LoopNest, 'lanes' | 'parts'>): number => lanes * (parts?.count ?? 1);

/** What a nest keeps for its cell, and a number of each lane for totals that are no subgroup's. */
export const sharedBytes = ({ locals, lanes }: LoopNest): number =>
  4 * (locals.reduce((sum, l) => sum + (l.dealt === undefined ? l.size : 0), 0) + lanes);
