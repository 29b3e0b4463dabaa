/** How long updates take, without what happens between them: validating, sampling and saving are no training. */
export class Pace {
  readonly #now: () => number;
  #milliseconds = 0;
  #updates = 0;

  /** @param now milliseconds since some moment */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Does an update, and counts its time. */
  async timed<T>(update: () => Promise<T>): Promise<T> {
    const begun = this.#now();
    const result = await update();
    this.#milliseconds += this.#now() - begun;
    this.#updates += 1;
    return result;
  }

  /** Seconds of the updates since the last call, and their number; both begin anew. */
  take(): { readonly seconds: number; readonly updates: number } {
    const taken = { seconds: this.#milliseconds / 1000, updates: this.#updates };
    [this.#milliseconds, this.#updates] = [0, 0];
    return taken;
  }
}
