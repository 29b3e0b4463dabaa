import type { Profile } from '../loop/schedule.ts';
import { SHARED_BYTES } from '../loop/shared-memory.ts';
import { MOST_THREADS } from '../loop/workgroup.ts';
import { LANES } from '../fuse/strides.ts';

/** The block of results that a workgroup computes from slabs. */
export interface SlabBlock {
  readonly rows: number;
  readonly columns: number;
  /** Entries of the range in a slab. */
  readonly depth: number;
  /** Rows and columns of a lane. */
  readonly ownRows: number;
  readonly ownColumns: number;
  readonly lanes: number;
  /** Lanes side by side along the columns. */
  readonly across: number;
  /** Whether slabs hold four neighbours of the range side by side, or neighbouring points. */
  readonly byFours: boolean;
}

/** What a product asks for. */
export interface Wanted {
  /** Rows, columns and range, at their largest. */
  readonly sizes: readonly [number, number, number];
  /** Slabs of rows and of columns, and totals of a point. */
  readonly rowSlabs: number;
  readonly columnSlabs: number;
  readonly totals: number;
  readonly byFours: boolean;
}

/** A profile's block for a product; undefined where that is smaller than a block, or no such block can be. */
export function blockOf(
  { sizes: [m, n, range], rowSlabs, columnSlabs, totals, byFours }: Wanted, { slabs }: Profile,
): SlabBlock | undefined {
  const ownRows = Math.min(slabs.ownRows, slabs.rows);
  const across = Math.max(1, slabs.columns / slabs.ownColumns);
  const lanes = across * (slabs.rows / ownRows);
  // With several totals at each point a lane has fewer columns, so that all of them stay in registers.
  const ownColumns = Math.max(1, Math.floor(Math.min(slabs.ownColumns, slabs.columns) / totals));
  const block = { rows: slabs.rows, columns: across * ownColumns, ownRows, ownColumns, lanes, across, byFours };
  if (lanes === 1 || lanes > MOST_THREADS || m < block.rows || n < block.columns || range < slabs.depth) return undefined;
  for (let depth = slabs.depth; depth > 0; depth -= LANES) {
    const size = (points: number): number => slabSize({ byFours, depth }, points);
    const entries = rowSlabs * size(block.rows) + columnSlabs * size(block.columns);
    if (4 * (entries + lanes) <= SHARED_BYTES) return { ...block, depth };
  }
  return undefined;
}

type Layout = Pick<SlabBlock, 'byFours' | 'depth'>;

/**
 * How far neighbouring points lie apart by fours, or else neighbours of the range: an odd number of what is read at
 * once, so that lanes that read neighbours ask different banks of memory.
 */
export const slabStride = ({ byFours, depth }: Layout, points: number): number => {
  if (!byFours) return points + (points % 2 === 0 ? 1 : 0);
  return depth + (depth % (2 * LANES) === 0 ? LANES : 0);
};

export const slabSize = (layout: Layout, points: number): number =>
  slabStride(layout, points) * (layout.byFours ? points : layout.depth);
