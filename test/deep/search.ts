import fc from 'fast-check';
import type { Replay } from './replay-file.ts';

/** One kind of cases that is searched. */
export interface Task {
  readonly name: string;
  readonly cases: fc.Arbitrary<Replay>;
  /** What is wrong with a case, in words; undefined where nothing is. What it throws is wrong as well. */
  check(replay: Replay): Promise<string | undefined>;
  /** Cases that share a seed. */
  readonly batch: number;
  /** How many cases to try; as many as there is time for where this is left out. */
  readonly wanted?: number;
}

export interface Limits {
  /** Of everything that is random. */
  readonly seed: number;
  readonly milliseconds: number;
  /** A fault is found again and again: after so many failures there is nothing more to learn. */
  readonly failures: number;
  /** How long a batch may run before its counter-example is taken as it is. */
  readonly batchMilliseconds: number;
}

/** A counter-example, as small as it could be made. */
export interface Failure {
  readonly task: string;
  readonly seed: number;
  readonly message: string;
  readonly replay: Replay;
}

/** How far one task has come. */
export interface Count {
  readonly task: string;
  readonly cases: number;
  readonly milliseconds: number;
}

/** Hears of the search while it runs. */
export interface Watch {
  progress(counts: readonly Count[], failures: number): void;
  failed(failure: Failure): void;
}

export interface Found {
  readonly counts: readonly Count[];
  readonly failures: readonly Failure[];
}

/**
 * Tries batches of the tasks in turn until the time is up, all have what they want, or there are failures enough. A
 * batch depends on the seed and its number alone: the same seed gives the same cases, however fast they are.
 */
export async function search(tasks: readonly Task[], limits: Limits, watch: Watch): Promise<Found> {
  const end = performance.now() + limits.milliseconds;
  const failures: Failure[] = [];
  let counts: readonly Count[] = tasks.map(({ name }) => ({ task: name, cases: 0, milliseconds: 0 }));
  const isWanted = (i: number): boolean => counts[i].cases < (tasks[i].wanted ?? Infinity);
  const goesOn = (): boolean => performance.now() < end && failures.length < limits.failures;
  for (let round = 0; goesOn() && tasks.some((_, i) => isWanted(i)); round++) {
    for (const [i, task] of tasks.entries()) {
      if (!goesOn() || !isWanted(i)) continue;
      const batch = await tryBatch(task, counts[i], mixed(limits.seed, i, round), limits.batchMilliseconds);
      counts = counts.with(i, batch.count);
      if (batch.failure !== undefined) {
        failures.push(batch.failure);
        watch.failed(batch.failure);
      }
      watch.progress(counts, failures.length);
    }
  }
  return { counts, failures };
}

/** A seed of its own for every batch: neighbouring seeds of searches share no batch. */
const mixed = (...numbers: readonly number[]): number =>
  numbers.reduce((h, n) => {
    const x = Math.imul(h ^ n, 0x9e3779b1);
    return x ^ (x >>> 15);
  }, 0x811c9dc5);

interface Batch { readonly count: Count; readonly failure: Failure | undefined }

async function tryBatch(task: Task, before: Count, seed: number, milliseconds: number): Promise<Batch> {
  const began = performance.now();
  const size = Math.min(task.batch, (task.wanted ?? Infinity) - before.cases);
  const property = fc.asyncProperty(task.cases, async (replay) => {
    const wrong = await task.check(replay);
    if (wrong !== undefined) throw new Error(wrong);
  });
  const details = await fc.check(property, { seed, numRuns: size, interruptAfterTimeLimit: milliseconds });
  const count: Count = {
    ...before, cases: before.cases + details.numRuns, milliseconds: before.milliseconds + performance.now() - began,
  };
  if (details.counterexample === null) return { count, failure: undefined };
  const [replay] = details.counterexample;
  return { count, failure: { task: task.name, seed, message: messageOf(details.errorInstance), replay } };
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
