/**
 * A device's habits as far as schedules care. Data, not code: a tuner can search over it.
 */
export interface Profile {
  /** Lanes that can add their values in hardware; undefined where the size is not fixed or the feature is missing. */
  readonly subgroup: number | undefined;
  /** Lanes that share a row when `subgroup` is not known. */
  readonly lanes: number;
  /** Threads in a workgroup when every thread is a cell of its own. */
  readonly threads: number;
  /** Whether loops of known length may be unrolled by the driver; where compiling is slow, they must not. */
  readonly unroll: boolean;
  /** Edge of the block of results that one thread keeps in registers. */
  readonly tile: number;
}

export const DEFAULT_PROFILE: Profile = { subgroup: undefined, lanes: 32, threads: 64, unroll: true, tile: 4 };

/** Lanes that share a cell. */
export const rowLanes = (p: Profile): number => p.subgroup ?? p.lanes;
