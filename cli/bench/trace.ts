import type { KernelTime } from './case.ts';

/** An event of the Chrome trace event format, in microseconds; Perfetto reads it too. */
interface TraceEvent {
  readonly name: string;
  /** `X` has a duration, `M` names a process. */
  readonly ph: 'X' | 'M';
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

const [HOST, DEVICE] = [1, 2];

/** What the host did and what ran on the device, as a file for chrome://tracing or ui.perfetto.dev. */
export class Trace {
  readonly #now: () => number;
  readonly #begun: number;
  readonly #events: TraceEvent[];

  /** @param now milliseconds since some moment */
  constructor(now: () => number, device: string) {
    this.#now = now;
    this.#begun = now();
    const named = (pid: number, name: string): TraceEvent =>
      ({ name: 'process_name', ph: 'M', pid, tid: 0, args: { name } });
    this.#events = [named(HOST, 'host'), named(DEVICE, `device: ${device}`)];
  }

  /** A span of the host around some work, also where it fails. */
  async host<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const started = this.#now();
    try {
      return await work();
    } finally {
      this.#events.push(span(name, HOST, 1000 * (started - this.#begun), 1000 * (this.#now() - started)));
    }
  }

  /** Kernels that ran one after the other from now on: what lies between them no clock says. */
  async kernels(of: string, run: () => Promise<readonly KernelTime[] | undefined>): Promise<void> {
    let at = 1000 * (this.#now() - this.#begun);
    for (const { name, seconds } of (await this.host(`${of}: kernel by kernel`, run)) ?? []) {
      this.#events.push({ ...span(name, DEVICE, at, 1e6 * seconds), args: { of } });
      at += 1e6 * seconds;
    }
  }

  json(): string {
    return JSON.stringify({ displayTimeUnit: 'ms', traceEvents: this.#events });
  }
}

const span = (name: string, pid: number, ts: number, dur: number): TraceEvent =>
  ({ name, ph: 'X', pid, tid: 1, ts, dur });
