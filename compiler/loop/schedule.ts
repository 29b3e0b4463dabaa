/** What a device can do, and how its kernels are blocked unless they have a schedule of their own. Data, not code. */
export interface Profile extends Schedule {
  /** What runs a cell: lanes of a workgroup (WGSL), or one thread with vectors of four (WebAssembly). */
  readonly cells: 'lanes' | 'vectors';
  /** Lanes that can add their values in hardware; undefined where the size is not fixed or the feature is missing. */
  readonly subgroup: number | undefined;
  /** Whether a lane can ask which subgroup of its workgroup it is in. */
  readonly numbered: boolean;
  /** Whether loops of known length may be unrolled by the driver; where compiling is slow, they must not. */
  readonly unroll: boolean;
  /** Whether a cell holds what it makes row by row for the next product, where that spares kernels (`fuse/chain.ts`). */
  readonly chains: boolean;
  /** Whether vectors multiply and add in one instruction, with one rounding; lanes do as their driver likes. */
  readonly fused: boolean;
}

/** How a kernel is blocked. Each has one that its device's habits give it, and may have another: a tuner searches here. */
export interface Schedule {
  /** Whether the lanes of a cell are a subgroup where the device has one: else they are `lanes`. */
  readonly subgroups: boolean;
  /** Lanes that share a row when they are no subgroup. */
  readonly lanes: number;
  /** Threads in a workgroup when every thread is a cell of its own. */
  readonly threads: number;
  /** Edge of the block of results that one thread keeps in registers. */
  readonly tile: number;
  /** Cells that keep the whole device at work: with more, what each makes for itself is made more often. */
  readonly busyCells: number;
  /** Rows of a subgroup's tile, at most: each is one more value that lanes take from each other in a turn. */
  readonly tileRows: number;
  /** Columns of a lane in such a tile, at most. */
  readonly tileColumns: number;
  /** Shorter ranges are not worth sharing among the lanes of a cell. */
  readonly sharedFrom: number;
  /** Totals that a lane of a shared range keeps. */
  readonly sharedTotals: number;
  /** Entries of the range of a running softmax that are taken between two rescalings, where rows are taken alone. */
  readonly onlineChunk: number;
  /** Subgroups that share the range of such a row, at most. */
  readonly onlineParts: number;
  /** Products of matrices by a whole workgroup; vectors do not look at it. */
  readonly slabs: SlabHabits;
  /** How vectors are used; lanes do not look at it. */
  readonly vectors: VectorHabits;
}

/**
 * Blocks of results that a workgroup computes from slabs of rows and columns in the memory that its lanes share
 * (`lower/slabs.ts`). It has as many lanes as there are lane's blocks in its own.
 */
export interface SlabHabits {
  /** Entries of the range in a slab, at most: there are fewer where that memory is too small. 0: there are no slabs. */
  readonly depth: number;
  /** Rows and columns of a workgroup's block. */
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns of a lane; with several totals at each point there are fewer columns, of both. */
  readonly ownRows: number;
  readonly ownColumns: number;
  /** Results of the smallest product (of one that runs, at its largest sizes) that has enough blocks for a device. */
  readonly from: number;
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

/**
 * Kernels' own schedules, by the key of their kind's graph (`Kind.root.key`): a digest of what is computed, in which
 * stored values are numbered inputs, so that it is the same in every process and for equal layers.
 */
export type Schedules = Readonly<Record<string, Partial<Schedule>>>;

const VECTOR_HABITS: VectorHabits = { totals: 8, rows: 4, streams: 8, inTurn: 3072, chains: 4, chunk: 128, panelFrom: 16 };

/** None; with a depth, blocks of 64 by 64, for products that have 64 of them. */
export const NO_SLABS: SlabHabits = { depth: 0, rows: 64, columns: 64, ownRows: 4, ownColumns: 4, from: 2 ** 18 };

export const DEFAULT_SCHEDULE: Schedule = {
  subgroups: true, lanes: 32, threads: 64, tile: 4, tileRows: 8, tileColumns: 4, sharedFrom: 64, sharedTotals: 8,
  busyCells: 16, onlineChunk: 64, onlineParts: 1, slabs: NO_SLABS, vectors: VECTOR_HABITS,
};

/** As it was measured on a software adapter, whose lanes are those of the host's vectors. */
export const DEFAULT_PROFILE: Profile = {
  ...DEFAULT_SCHEDULE, cells: 'lanes', subgroup: undefined, numbered: true, unroll: true, chains: false, fused: false,
};

/**
 * A GPU of its own. Tiles are half as wide as on a software adapter, because a workgroup is one subgroup here and the
 * matrices are small: 64 rows by 896 columns are 56 tiles of 8 by 128, fewer than the subgroups that a GPU with tens of
 * processors runs at once, and 112 of half the width; for the same reason a cell has two totals of a shared range and
 * not eight, and a row that many cells read is made by a thousand of them. Eight subgroups share a long text's keys,
 * because a step has one cell for each head. Larger products are computed by workgroups of 256 threads, which read each
 * number once for 64 results. This is thought out and not measured: nobody has run Ricci on a hardware GPU yet.
 * `ricci tune` is how to know better.
 */
export const HARDWARE_PROFILE: Profile = {
  ...DEFAULT_PROFILE, tileColumns: 2, sharedTotals: 2, busyCells: 1024, chains: true, onlineParts: 8,
  slabs: { ...NO_SLABS, depth: 16 },
};

/** WebAssembly SIMD: vectors of four, and as many totals as sixteen registers hold. */
export const CPU_PROFILE: Profile = {
  ...DEFAULT_SCHEDULE, cells: 'vectors', subgroup: undefined, numbered: false, lanes: 1, threads: 1, unroll: true,
  chains: false, fused: false,
};

/** Lanes that share a cell. */
export const rowLanes = (p: Profile): number => p.subgroup ?? p.lanes;

/** A device's profile with what one kernel has of its own. */
export function profileBy(profile: Profile, own: Partial<Schedule> = {}): Profile {
  const all = { ...profile, ...own };
  return all.subgroups ? all : { ...all, subgroup: undefined };
}
