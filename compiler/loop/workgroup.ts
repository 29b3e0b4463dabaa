import type { BoundNest, LoopNest } from './ir.ts';

/** Threads that a workgroup may have on every GPU (WebGPU's least `maxComputeInvocationsPerWorkgroup`). */
export const MOST_THREADS = 256;

/** A nest of a dispatch whose cells lanes share; all of those have as many. Undefined where all cells are threads. */
export const sharedNest = <N extends LoopNest>(nests: readonly N[]): N | undefined => nests.find((n) => n.lanes > 1);

/** Threads of a workgroup that runs cells of any of a dispatch's nests. */
export function workgroupThreads(nests: readonly BoundNest[]): number {
  const shared = sharedNest(nests);
  return shared === undefined ? nests[0].threads : threadsOf(shared);
}

/** Lanes of all subgroups of a cell. */
export const threadsOf = ({ lanes, parts }: Pick<LoopNest, 'lanes' | 'parts'>): number => lanes * (parts?.count ?? 1);
