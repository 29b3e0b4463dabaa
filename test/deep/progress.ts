import type { Count } from './search.ts';

/** "1250 graphs on cpu (210/s), 40 models (6.1/s)" */
export const showCounts = (counts: readonly Count[]): string =>
  counts.map(({ task, cases, milliseconds }) => `${cases} ${task} (${perSecond(cases, milliseconds)}/s)`).join(', ');

function perSecond(cases: number, milliseconds: number): string {
  const rate = milliseconds === 0 ? 0 : (1000 * cases) / milliseconds;
  return rate.toFixed(rate < 10 ? 1 : 0);
}

/** A line that is written over where a person watches it, and otherwise written now and then. */
export class ProgressLine {
  readonly #out: NodeJS.WriteStream;
  readonly #every: number;
  #last = -Infinity;
  #width = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.#every = out.isTTY ? 1000 : 5000;
  }

  show(text: string): void {
    const now = performance.now();
    if (now - this.#last < this.#every) return;
    this.#last = now;
    this.#out.write(this.#out.isTTY ? `\r${text.padEnd(this.#width)}` : `${text}\n`);
    this.#width = text.length;
  }

  /** A text of its own, below which progress goes on. */
  say(text: string): void {
    this.#out.write(this.#out.isTTY && this.#width > 0 ? `\r${text.padEnd(this.#width)}\n` : `${text}\n`);
    this.#width = 0;
  }
}
