import type { LocalArray, LoopNest } from './ir.ts';

/** Bytes that a workgroup may have on every GPU (WebGPU's least `maxComputeWorkgroupStorageSize`). */
export const SHARED_BYTES = 16384;

/** An array in the memory of a workgroup, and the first of some nests that has it. */
export interface SharedArray {
  readonly array: LocalArray;
  readonly nest: number;
}

type Nests = readonly Pick<LoopNest, 'locals' | 'lanes'>[];

const isSame = (a: LocalArray, b: LocalArray): boolean =>
  b.dealt === undefined && a.name === b.name && a.size === b.size && a.type === b.type && a.fours === b.fours;

/** The array of that kind that the first of the nests has: a workgroup runs one of them, so that all may use it. */
export const sharedArray = (nests: Nests, array: LocalArray): SharedArray =>
  ({ array, nest: nests.findIndex((n) => n.locals.some((l) => isSame(array, l))) });

/** The arrays of nests side by side, each once. */
export const sharedArrays = (nests: Nests): readonly SharedArray[] => nests.flatMap((n, i) =>
  n.locals.filter((l) => l.dealt === undefined).map((l) => sharedArray(nests, l)).filter(({ nest }) => nest === i));

/** What nests side by side keep for their cells, and a number of each lane for totals that are no subgroup's. */
export const sharedBytes = (nests: Nests): number =>
  4 * (sharedArrays(nests).reduce((sum, { array }) => sum + array.size, 0) + Math.max(...nests.map((n) => n.lanes)));
