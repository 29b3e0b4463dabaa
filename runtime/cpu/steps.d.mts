export const GENERATION: 0;
export const ARRIVED: 16;
export const FAILED: 32;
export const JOB: 48;
export const CONTROL_WORDS: 64;

/** A kernel as every thread is told of it. */
export interface StepPlan {
  /** The number of its function. */
  readonly kernel: number;
  readonly pointers: readonly number[];
  /** Whether it is so small that one thread runs it. */
  readonly serial: boolean;
}

export interface Step {
  readonly run: (begin: number, end: number) => void;
  readonly serial: boolean;
}

/** A thread's place among the others. */
export interface Seat {
  readonly thread: number;
  readonly threads: number;
  readonly control: Int32Array;
  /** How many arrivals its last barrier waited for. */
  target: number;
  /** Called now and then at a barrier; may throw. */
  whileWaiting(): void;
}

export function stepsOf(
  exports: Readonly<Record<string, unknown>>,
  plans: readonly StepPlan[],
  sizes: number,
  scratch: number,
): readonly Step[];

/** Hears of each kernel, in order, when all threads that share it are through. */
export type KernelDone = () => void;

export function runSteps(steps: readonly Step[], cells: Int32Array, seat: Seat, done?: KernelDone): void;
