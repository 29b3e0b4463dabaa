import type { WeightStorage } from '../../dsl/node.ts';
import type { Unit } from './units.ts';

/** What can be measured, in the order in which it is. */
export const SUITES = ['kernels', 'decode', 'prefill', 'ttft', 'compile', 'load', 'train'] as const;

export type SuiteName = (typeof SUITES)[number];

/** What one repetition cannot do without, whatever the code: its least time follows from the device's roofs. */
export interface Work {
  /** Bytes that are read and written, each tensor once. */
  readonly bytes: number;
  /** Bytes that lie beside each other in memory and caches: fewer, where the same are read again and again. */
  readonly footprint: number;
  /** Set where all but few of these bytes are read once, as a matrix is that one row is multiplied with. */
  readonly streams?: true;
  /** Floating-point operations; a product and a sum are two. */
  readonly flops: number;
  /** Kernels that are launched, and submits, where the clock sees them. */
  readonly dispatches: number;
  readonly submits: number;
}

/** Who counts the seconds: the host, from a submit until the device is idle, or the device's own timestamps. */
export type Clock = 'host' | 'device';

/** Kernels that ran one after the other on a device. */
export interface KernelTime {
  readonly name: string;
  readonly seconds: number;
}

/** A case whose memory is filled and whose programs are open. */
export interface Prepared {
  /** How much of the unit's thing one repetition does: bytes, operations, tokens; 1 where the unit is a time or ×. */
  readonly amount: number;
  /** Undefined where no roof of the device bounds it. */
  readonly work: Work | undefined;
  readonly clock: Clock;
  /** Compares with the interpreter, sums in double precision or a second way. @throws RicciError `bench/wrong` */
  check(): Promise<void>;
  /** One repetition. @returns its seconds; where the unit is ×, for each second of the other way */
  run(): Promise<number>;
  /** One more repetition, kernel by kernel; undefined where nothing on the device can be told apart. */
  kernels(): Promise<readonly KernelTime[] | undefined>;
  close(): void;
}

/** Why the device cannot run a case. */
export interface LeftOut {
  readonly reason: string;
}

/** Something that is measured. */
export interface Case {
  readonly suite: SuiteName | 'roofs';
  readonly name: string;
  /** How its weights are kept. */
  readonly dtype: WeightStorage;
  readonly unit: Unit;
  /** @throws RicciError what opening a device's memory and programs throws */
  prepare(): Promise<Prepared | LeftOut>;
}
