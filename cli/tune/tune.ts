import type { ProgramSource } from '../../compiler/draft.ts';
import type { Kind } from '../../compiler/fuse/kind.ts';
import type { Schedule, Schedules } from '../../compiler/loop/schedule.ts';
import { candidates } from '../../compiler/tune/candidates.ts';
import type { Place } from '../../dsl/errors.ts';
import { BufferSet } from '../../runtime/buffers.ts';
import { spread, uploadMadeUp } from '../inspect/kernel-times.ts';
import { KernelCheck } from './kernel-check.ts';
import { Running } from './running.ts';
import { make, type Subject } from './subject.ts';
import { alternately, medians, several, type Beside } from './take-turns.ts';

/** A kernel that was looked at, with its seconds in a run of all programs. */
export interface TunedKernel {
  readonly key: string;
  readonly name: string;
  readonly place: Place | undefined;
  /** Names of the programs that it is in. */
  readonly programs: readonly string[];
  /** What it has of its own; nothing where the device's own schedule stays. */
  readonly schedule: Partial<Schedule>;
  readonly before: number;
  readonly after: number;
}

/** A candidate that is not used, because it does not compile or computes something else. */
export interface Discarded {
  readonly kernel: string;
  readonly schedule: Partial<Schedule>;
  readonly problem: string;
}

export interface TunedProgram {
  readonly name: string;
  /** Seconds of a whole run, by the device's own schedules and by those that were found. */
  readonly before: number;
  readonly after: number;
  /** How many of its kernels are faster by schedules of their own. */
  readonly found: number;
  /** Whether these are kept: where the whole is no faster, none of them is. */
  readonly kept: boolean;
}

export interface Tuned {
  readonly kernels: readonly TunedKernel[];
  readonly programs: readonly TunedProgram[];
  readonly discarded: readonly Discarded[];
}

export interface TuneOptions {
  /** How often each candidate is timed, beside the device's own schedule. */
  readonly rounds: number;
  /** Milliseconds since some moment. */
  readonly now: () => number;
  /** Hears what is being done. */
  readonly say?: (text: string) => void;
  /** What a kernel may have; tests give their own. */
  readonly candidatesOf?: typeof candidates;
}

/** A kernel that takes less of its program's time is left alone. */
const LEAST_SHARE = 0.005;
/** A candidate must take less than so much of the device's own schedule's time. */
const FASTER = 0.97;

/**
 * Finds schedules for the kernels of some programs, on the device itself. Candidates are checked alone; then all kernels
 * are timed at once where they stand: in round i each has its i-th candidate, and the program by the device's own schedules
 * runs in between. What is best is timed once more, all together.
 * @throws RicciError `runtime/no-timestamps`, `device/out-of-memory`, and what the device reports
 */
export async function tune(subject: Subject, options: TuneOptions): Promise<Tuned> {
  const weights = new BufferSet(subject.device);
  try {
    await uploadMadeUp(subject.device, weights, subject.layout);
    return await new Tuning(subject, options, weights).run();
  } finally {
    weights.destroy();
  }
}

interface Pair {
  readonly before: number;
  readonly after: number;
}

class Tuning {
  readonly #subject: Subject;
  readonly #options: TuneOptions;
  readonly #weights: BufferSet;
  readonly #discarded: Discarded[] = [];

  constructor(subject: Subject, options: TuneOptions, weights: BufferSet) {
    this.#subject = subject;
    this.#options = options;
    this.#weights = weights;
  }

  async run(): Promise<Tuned> {
    const kernels = await this.#worthwhile();
    const checked = await this.#checked(kernels);
    return this.#result(kernels, await this.#confirmed(await this.#best(checked)));
  }

  /** The kernels that take some time, each with where it stands. */
  async #worthwhile(): Promise<readonly KernelPlace[]> {
    this.#say('timing the kernels');
    const found = new Map<string, KernelPlace>();
    const worthwhile = new Set<string>();
    for (const source of this.#subject.sources) {
      const made = make(this.#subject, source, {});
      const running = await Running.open(this.#subject, made, this.#weights);
      try {
        const runs = await several(this.#options.rounds, () => running.kernels());
        const seconds = medians(runs);
        const total = [...seconds.values()].reduce((n, s) => n + s, 0);
        made.kinds.forEach((kinds, k) => kinds.forEach((kind) => {
          const { key } = kind.root;
          if ((seconds.get(key) ?? 0) >= LEAST_SHARE * total) worthwhile.add(key);
          const { name, place } = made.program.kernels[k];
          const known = found.get(key) ?? { key, kind, name, place, programs: [] };
          found.set(key, { ...known, programs: [...new Set([...known.programs, source.name])] });
        }));
      } finally {
        running.close();
      }
    }
    return [...found.values()].filter((k) => worthwhile.has(k.key));
  }

  /** The candidates of each kernel that compile and compute what the interpreter does. */
  async #checked(kernels: readonly KernelPlace[]): Promise<ReadonlyMap<string, readonly Partial<Schedule>[]>> {
    const { device, target } = this.#subject;
    const checked = new Map<string, readonly Partial<Schedule>[]>();
    const candidatesOf = this.#options.candidatesOf ?? candidates;
    for (const [i, { key, kind, name }] of kernels.entries()) {
      const all = candidatesOf(kind, target);
      if (all.length === 0) continue;
      this.#say(`checking ${all.length} schedules of kernel ${i + 1} of ${kernels.length}, ${name}`);
      const check = new KernelCheck(device, kind, target);
      try {
        const right: Partial<Schedule>[] = [];
        const own = await check.problem({});
        // Where the device's own schedule is not within the bounds, they say nothing of others.
        const tried = own === undefined ? all : [];
        if (own !== undefined) this.#discarded.push({ kernel: name, schedule: {}, problem: own });
        for (const schedule of tried) {
          const problem = await check.problem(schedule);
          if (problem === undefined) right.push(schedule);
          else this.#discarded.push({ kernel: name, schedule, problem });
        }
        checked.set(key, right);
      } finally {
        check.close();
      }
    }
    return checked;
  }

  /** For each kernel the candidate that is fastest beside the device's own schedule, where one is by the margin. */
  async #best(checked: ReadonlyMap<string, readonly Partial<Schedule>[]>): Promise<Schedules> {
    const most = Math.max(0, ...[...checked.values()].map((all) => all.length));
    const best = new Map<string, { readonly ratio: number; readonly own: Partial<Schedule> }>();
    for (let i = 0; i < most; i++) {
      this.#say(`timing schedule ${i + 1} of ${most} of every kernel`);
      const trial = Object.fromEntries([...checked].flatMap(([key, all]) => (i < all.length ? [[key, all[i]]] : [])));
      const times = await this.#comparedKernels(trial, this.#options.rounds);
      for (const [key, own] of Object.entries(trial)) {
        const ratio = ratioOf(times.get(key));
        if (ratio < Math.min(FASTER, best.get(key)?.ratio ?? Infinity)) best.set(key, { ratio, own });
      }
    }
    return Object.fromEntries([...best].map(([key, { own }]) => [key, own]));
  }

  /**
   * Of several that were timed, the best was also lucky: all that were chosen are timed together, and what is not as fast
   * again falls out, until nothing does.
   */
  async #confirmed(schedules: Schedules): Promise<Confirmed> {
    this.#say('timing the best of every kernel again');
    const times = await this.#comparedKernels(schedules, 2 * this.#options.rounds);
    const own = Object.entries(schedules);
    const left = own.filter(([key]) => ratioOf(times.get(key)) < FASTER);
    return left.length === own.length ? { schedules, times } : this.#confirmed(Object.fromEntries(left));
  }

  async #result(kernels: readonly KernelPlace[], { schedules, times }: Confirmed): Promise<Tuned> {
    this.#say('timing the whole programs');
    const wholes: (Pair & { readonly name: string })[] = [];
    for (const source of this.#subject.sources) {
      const runs = await this.#beside(source, schedules, 3 * this.#options.rounds, (r) => r.whole(this.#options.now));
      const [before, after] = [runs.map((r) => r.own), runs.map((r) => r.other)].map((all) => spread(all).median);
      wholes.push({ name: source.name, before, after });
    }
    const slower = new Set(wholes.filter((p) => p.after >= p.before).map((p) => p.name));
    const isKept = ({ key, programs }: KernelPlace): boolean =>
      schedules[key] !== undefined && !programs.some((name) => slower.has(name));
    return {
      kernels: kernels.map((k): TunedKernel => {
        const { before, after } = times.get(k.key) ?? { before: 0, after: 0 };
        const { key, name, place, programs } = k;
        return isKept(k)
          ? { key, name, place, programs, schedule: schedules[key], before, after }
          : { key, name, place, programs, schedule: {}, before, after: before };
      }),
      programs: wholes.map((p): TunedProgram => {
        const own = kernels.filter((k) => k.programs.includes(p.name));
        return { ...p, found: own.filter((k) => schedules[k.key] !== undefined).length, kept: own.some(isKept) };
      }),
      discarded: this.#discarded,
    };
  }

  /** Medians of each kernel, in all programs together. */
  async #comparedKernels(schedules: Schedules, rounds: number): Promise<ReadonlyMap<string, Pair>> {
    const sums = new Map<string, Pair>();
    for (const source of this.#subject.sources) {
      const runs = await this.#beside(source, schedules, rounds, (r) => r.kernels());
      const [before, after] = [medians(runs.map((r) => r.own)), medians(runs.map((r) => r.other))];
      for (const [key, seconds] of before) {
        const sum = sums.get(key) ?? { before: 0, after: 0 };
        sums.set(key, { before: sum.before + seconds, after: sum.after + (after.get(key) ?? seconds) });
      }
    }
    return sums;
  }

  /** What is measured of a program by the device's own schedules and by others, which alternate. */
  async #beside<T>(
    source: ProgramSource, schedules: Schedules, rounds: number, measure: (r: Running) => Promise<T>,
  ): Promise<readonly Beside<T>[]> {
    const open = (own: Schedules): Promise<Running> =>
      Running.open(this.#subject, make(this.#subject, source, own), this.#weights);
    const own = await open({});
    const other = await open(schedules).catch((error: unknown) => {
      own.close();
      throw error;
    });
    try {
      return await alternately({ ...this.#options, rounds }, own, other, measure);
    } finally {
      own.close();
      other.close();
    }
  }

  #say(text: string): void {
    this.#options.say?.(text);
  }
}

interface Confirmed {
  readonly schedules: Schedules;
  readonly times: ReadonlyMap<string, Pair>;
}

interface KernelPlace {
  readonly key: string;
  readonly kind: Kind;
  readonly name: string;
  readonly place: Place | undefined;
  readonly programs: readonly string[];
}

const ratioOf = (pair: Pair | undefined): number =>
  (pair === undefined || pair.before === 0 ? Infinity : pair.after / pair.before);
