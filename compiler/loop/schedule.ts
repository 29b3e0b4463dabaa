/**
 * A device's habits as far as schedules care. Data, not code: a tuner can search over it.
 */
export interface Profile {
  /** What runs a cell: lanes of a workgroup (WGSL), or one thread with vectors of four (WebAssembly). */
  readonly cells: 'lanes' | 'vectors';
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
  /** Cells that keep the whole device at work: with more, what each makes for itself is made more often. */
  readonly busyCells: number;
  /** Whether vectors multiply and add in one instruction, with one rounding; lanes do as their driver likes. */
  readonly fused: boolean;
  /** How vectors are used; lanes do not look at it. */
  readonly vectors: VectorHabits;
}

/** Blocks of a thread with vectors. */
export interface VectorHabits {
  /** Totals that stay in registers beside what is loaded. */
  readonly totals: number;
  /** Results of a cell along the dimension whose operand is read again for each; a multiple of four, or less than four. */
  readonly rows: number;
  /** The same where nothing else is reused: so many rows of a weight. */
  readonly streams: number;
  /** The longest of such rows that are read in turn: what they are multiplied with must stay in the first cache. */
  readonly inTurn: number;
  /** Partial totals of a row that is read in its turn. */
  readonly chains: number;
  /** Rows of the other operand that stay in the second cache while the first one's stream by. */
  readonly chunk: number;
  /** From how many blocks of a chunk on a copy of what they share, laid out as it is read, costs less than it saves. */
  readonly panelFrom: number;
}

const VECTOR_HABITS: VectorHabits = { totals: 8, rows: 4, streams: 8, inTurn: 3072, chains: 4, chunk: 128, panelFrom: 16 };

export const DEFAULT_PROFILE: Profile = {
  cells: 'lanes', subgroup: undefined, lanes: 32, threads: 64, unroll: true, tile: 4, busyCells: 256,
  fused: false, vectors: VECTOR_HABITS,
};

/** WebAssembly SIMD: vectors of four, and as many totals as sixteen registers hold. */
export const CPU_PROFILE: Profile = {
  cells: 'vectors', subgroup: undefined, lanes: 1, threads: 1, unroll: true, tile: 4, busyCells: 16,
  fused: false, vectors: VECTOR_HABITS,
};

/** Lanes that share a cell. */
export const rowLanes = (p: Profile): number => p.subgroup ?? p.lanes;
