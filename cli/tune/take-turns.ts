import { spread } from '../inspect/kernel-times.ts';
import type { KernelSeconds, Running } from './running.ts';

/** What is measured of a program by the device's own schedules, and by others. */
export interface Beside<T> {
  readonly own: T;
  readonly other: T;
}

/** How long two programs are compared at least, unless so many runs of each are enough. */
const LEAST_MS = 200;
const MOST_ROUNDS = 200;

/** Measures so many times. */
export async function several<T>(times: number, run: () => Promise<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for (let i = 0; i < times; i++) all.push(await run());
  return all;
}

/**
 * Runs two programs in turn, now the one first and now the other, so that what disturbs falls on both. Short ones run
 * more often than asked for.
 */
export async function alternately<T>(
  { rounds, now }: { readonly rounds: number; readonly now: () => number }, own: Running, other: Running, run: (r: Running) => Promise<T>,
): Promise<readonly Beside<T>[]> {
  const all: Beside<T>[] = [];
  const until = now() + LEAST_MS;
  for (let i = 0; i < rounds || (now() < until && i < MOST_ROUNDS); i++) {
    if (i % 2 === 0) all.push({ own: await run(own), other: await run(other) });
    else {
      const second = await run(other);
      all.push({ own: await run(own), other: second });
    }
  }
  return all;
}

/** Of each kernel over several runs. */
export const medians = (runs: readonly KernelSeconds[]): KernelSeconds =>
  new Map([...(runs[0] ?? [])].map(([key]) => [key, spread(runs.map((r) => r.get(key) ?? 0)).median]));
