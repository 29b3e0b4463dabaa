import type { Case, Clock, Prepared, Work } from './case.ts';
import { repeat, type Budget } from './repeat.ts';
import { spreadOf, type Spread } from './statistics.ts';
import type { Trace } from './trace.ts';

/** A case's times. */
export interface Measured {
  readonly amount: number;
  readonly work: Work | undefined;
  readonly clock: Clock;
  /** Of one repetition. */
  readonly seconds: Spread;
}

/** The repetitions of one case in one round. */
export interface Samples extends Pick<Prepared, 'amount' | 'work' | 'clock'> {
  readonly times: readonly number[];
}

/** How a case is measured. */
export interface Measuring extends Budget {
  readonly trace: Trace | undefined;
}

/** Runs that have a span of their own in a trace, which would else be mostly these. */
const SHOWN_RUNS = 20;

/**
 * Prepares a case, checks it, and only then times it.
 * @returns its times, or why the device cannot run it
 * @throws RicciError `bench/wrong`, and what preparing and running throw
 */
export async function sample(one: Case, measuring: Measuring): Promise<Samples | { readonly reason: string }> {
  const { trace } = measuring;
  const traced = <T>(what: string, work: () => Promise<T>): Promise<T> =>
    (trace === undefined ? work() : trace.host(what, work));
  const label = labelOf(one);
  return traced(label, async () => {
    const prepared = await traced('prepare', one.prepare);
    if ('reason' in prepared) return prepared;
    try {
      await traced('check', () => prepared.check());
      let shown = 0;
      const run = (): Promise<number> => (shown++ < SHOWN_RUNS ? traced('run', prepared.run) : prepared.run());
      const times = await traced('repeat', () => repeat(run, measuring));
      await trace?.kernels(label, () => prepared.kernels());
      const { amount, work, clock } = prepared;
      return { amount, work, clock, times };
    } finally {
      prepared.close();
    }
  });
}

/** What a case is called in progress, traces and errors. */
export const labelOf = ({ suite, name, dtype }: Case): string => `${suite}: ${name}, ${dtype}`;

/** All rounds of a case together. @param rounds at least one */
export function together(rounds: readonly Samples[]): Measured {
  const [{ amount, work, clock }] = rounds;
  return { amount, work, clock, seconds: spreadOf(rounds.flatMap((r) => r.times)) };
}
