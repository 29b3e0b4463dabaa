/*
 * What every thread of the CPU device does; plain JavaScript, because workers load it as it stands.
 * The control words lie in shared memory, each on a cache line of its own.
 */

/** Grows by one when there is something to run; threads sleep on it. */
export const GENERATION = 0;
/** How many times threads have arrived at a barrier; it only ever grows, and wraps. */
export const ARRIVED = 16;
/** 1 when a thread has failed. */
export const FAILED = 32;
/** Which of the programs that were opened is to run. */
export const JOB = 48;
export const CONTROL_WORDS = 64;

/**
 * The functions of a program's kernels, each with its pointers.
 * @param {Readonly<Record<string, unknown>>} exports
 * @param {readonly import('./steps.mjs').StepPlan[]} plans @param {number} sizes @param {number} scratch
 * @returns {readonly import('./steps.mjs').Step[]}
 */
export function stepsOf(exports, plans, sizes, scratch) {
  return plans.map(({ kernel, pointers, serial }) => {
    const found = exports[`k${kernel}`];
    if (typeof found !== 'function') throw new Error(`the module has no function k${kernel}`);
    return { run: found.bind(undefined, sizes, scratch, ...pointers), serial };
  });
}

/** An engine's faster code for a function takes over between two calls of it, never within one. */
const SLICES = 16;

/** @param {import('./steps.mjs').Step['run']} run @param {number} begin @param {number} end */
function runInSlices(run, begin, end) {
  const slice = Math.ceil((end - begin) / SLICES);
  for (let at = begin; at < end; at += slice) run(at, Math.min(at + slice, end));
}

/**
 * One thread's share of a program: of each kernel the same part of its cells in every run, so that results depend on no
 * timing. Threads meet between kernels, but not between two that one thread runs alone.
 * @param {readonly import('./steps.mjs').Step[]} steps @param {Int32Array} cells how many each kernel has
 * @param {import('./steps.mjs').Seat} seat
 * @param {import('./steps.mjs').KernelDone} [done] called after each kernel
 */
export function runSteps(steps, cells, seat, done) {
  const { thread, threads } = seat;
  for (let i = 0; i < steps.length; i++) {
    const { run, serial } = steps[i];
    const n = cells[i];
    if (!serial) {
      const begin = Math.floor((n * thread) / threads);
      const end = Math.floor((n * (thread + 1)) / threads);
      runInSlices(run, begin, end);
    } else if (thread === 0) run(0, n);
    if (threads > 1 && !(serial && steps[i + 1]?.serial === true)) meet(seat);
    done?.();
  }
}

/** Looks before a thread sleeps, about 10 µs of them: where every thread has a core, the others are here by then. */
const LOOKS = 2000;
/** How long to sleep before looking after the others, in ms. */
const NAP_MS = 20;

/**
 * Waits until all threads are here. Where other programs want the cores too, a thread that only looked would keep the
 * one that it waits for from running: so it sleeps, and the last to come wakes it.
 * @param {import('./steps.mjs').Seat} seat
 */
function meet(seat) {
  const { control } = seat;
  seat.target = (seat.target + seat.threads) | 0;
  const before = Atomics.add(control, ARRIVED, 1);
  if (((before + 1) | 0) === seat.target) {
    Atomics.notify(control, ARRIVED);
    return;
  }
  for (let looks = 0; ; looks++) {
    const arrived = Atomics.load(control, ARRIVED);
    if (((arrived - seat.target) | 0) >= 0) return;
    if (looks < LOOKS) continue;
    Atomics.wait(control, ARRIVED, arrived, NAP_MS);
    seat.whileWaiting();
  }
}
