import { RicciError } from '../../dsl/errors.ts';
import type { CpuBuffer, CpuMemory } from './memory.ts';
import { spawnWorker, type Thread } from './spawn.ts';
import {
  CONTROL_WORDS, FAILED, GENERATION, JOB, runSteps, type KernelDone, type Seat, type Step, type StepPlan,
} from './steps.mjs';

/** A program as threads are told of it; addresses in the shared memory. */
export interface Job {
  readonly code: Uint8Array;
  readonly plans: readonly StepPlan[];
  readonly sizes: number;
  /** Scratch memory of thread 0; that of the others follows, `scratchBytes` apart. */
  readonly scratch: number;
  readonly scratchBytes: number;
  /** How many cells each kernel has: one word for each. */
  readonly cells: number;
}

/** How long the others may take to one kernel before the device is given up. */
const PATIENCE_MS = 60_000;

/** Threads over one memory. The caller's own thread is the first of them and runs its share. */
export class ThreadPool {
  readonly threads: number;
  readonly #control: Int32Array;
  readonly #workers: readonly Thread[];
  readonly #seat: Seat;
  #jobs = 0;
  #failure: string | undefined;
  #waitingSince = 0;

  private constructor(control: Int32Array, workers: readonly Thread[]) {
    this.threads = workers.length + 1;
    this.#control = control;
    this.#workers = workers;
    this.#seat = {
      thread: 0, threads: this.threads, control, target: 0, whileWaiting: () => this.#checkOthers(),
    };
    for (const w of workers) w.onFailure((message) => { this.#failure ??= message; });
  }

  /** Starts `threads` − 1 workers. */
  static async start(memory: CpuMemory, control: CpuBuffer, threads: number): Promise<ThreadPool> {
    const workers = await Promise.all(Array.from({ length: threads - 1 }, () => spawnWorker()));
    await Promise.all(workers.map((w, i) => w.ask({
      kind: 'start', memory: memory.wasm, control: control.address, words: CONTROL_WORDS, thread: i + 1, threads,
    })));
    return new ThreadPool(new Int32Array(memory.wasm.buffer, control.address, CONTROL_WORDS), workers);
  }

  /** Tells every thread of a program. @returns its number */
  async open({ scratch, scratchBytes, ...job }: Job): Promise<number> {
    const id = ++this.#jobs;
    const asked = this.#workers.map((w, i) =>
      w.ask({ kind: 'open', id, ...job, scratch: scratch + (i + 1) * scratchBytes }));
    await Promise.all(asked);
    return id;
  }

  drop(id: number): void {
    for (const w of this.#workers) w.tell({ kind: 'drop', id });
  }

  /** Runs a program on all threads; it is done when this returns. @throws RicciError `device/thread-lost` */
  run(id: number, steps: readonly Step[], cells: Int32Array, done?: KernelDone): void {
    if (this.#failure !== undefined) throw threadLost(this.#failure);
    this.#waitingSince = performance.now();
    Atomics.store(this.#control, JOB, id);
    Atomics.add(this.#control, GENERATION, 1);
    Atomics.notify(this.#control, GENERATION);
    try {
      runSteps(steps, cells, this.#seat, done);
    } catch (error) {
      this.#failure ??= error instanceof Error ? error.message : String(error);
      Atomics.store(this.#control, FAILED, 1); // the others wait for this thread
      throw error;
    }
  }

  close(): void {
    for (const w of this.#workers) w.end();
  }

  /** This thread cannot hear of another one's end while it waits: it sees the mark that a failing thread leaves. */
  #checkOthers(): void {
    if (Atomics.load(this.#control, FAILED) === 1) this.#failure = 'it stopped with an error';
    else if (performance.now() - this.#waitingSince > PATIENCE_MS) {
      this.#failure = `it took over ${PATIENCE_MS / 1000} s`;
    }
    if (this.#failure !== undefined) throw threadLost(this.#failure);
  }
}

const threadLost = (why: string): RicciError =>
  new RicciError({
    code: 'device/thread-lost',
    message: `A thread of the CPU device is gone: ${why}.`,
    hint: 'Open the device again, with `threads: 1` if it happens again; tokens that were read before are good.',
  });
