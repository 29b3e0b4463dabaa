import type { WeightStorage } from '../../dsl/node.ts';
import type { Work } from './case.ts';

/** The largest rate at which memory of a size was copied or read. */
export interface Bandwidth {
  /** Bytes that a repetition touched. */
  readonly bytes: number;
  readonly bytesPerSecond: number;
}

/** What a device does at best, by its own measurements. */
export interface Roofs {
  readonly bandwidths: readonly Bandwidth[];
  /** Those of reading a matrix alone. */
  readonly matvecs: readonly Bandwidth[];
  /** Of numbers, and of integers where that is more: contractions with weights of 8 bits are integers'. */
  readonly flopsPerSecond: Readonly<Record<'numbers' | 'integers', number>>;
  readonly dispatchSeconds: number;
  readonly submitSeconds: number;
}

/** What keeps something from being faster; `matvec` is that of bytes where only reading counts. */
export type Limit = 'bytes' | 'matvec' | 'flops' | 'latency';

/** The least time of some work, and which roof it comes from. */
export interface Least {
  readonly seconds: number;
  readonly limit: Limit;
}

/**
 * The roofline (Williams, Waterman and Patterson, "Roofline: an insightful visual performance model", 2009), with
 * launches as a third roof: work takes at least what its bytes, its operations or its launches take alone.
 */
export function leastTime(work: Work, weights: WeightStorage, roofs: Roofs): Least {
  const arithmetic = roofs.flopsPerSecond[weights === 'int8' ? 'integers' : 'numbers'];
  const times: readonly Least[] = [
    work.streams === true
      ? { limit: 'matvec', seconds: work.bytes / bandwidthFor(work.footprint, roofs.matvecs) }
      : { limit: 'bytes', seconds: work.bytes / bandwidthFor(work.footprint, roofs.bandwidths) },
    { limit: 'flops', seconds: work.flops / arithmetic },
    { limit: 'latency', seconds: work.submits * roofs.submitSeconds + work.dispatches * roofs.dispatchSeconds },
  ];
  return times.reduce((a, b) => (b.seconds > a.seconds ? b : a));
}

/**
 * The best of all sizes from `bytes` up, for smaller ones may lie in faster caches. What is larger than all is measured
 * by the largest, down to half of it.
 */
export function bandwidthFor(bytes: number, bandwidths: readonly Bandwidth[]): number {
  const largest = Math.max(...bandwidths.map((b) => b.bytes));
  const fitting = bandwidths.filter((b) => b.bytes >= Math.min(bytes, largest / 2));
  return Math.max(...fitting.map((b) => b.bytesPerSecond));
}
