import { browserGpu } from './instance.ts';

/** Between two looks at the device, in ms: little beside a kernel's time, much beside a look's. */
const NAP_MS = 0.1;

/**
 * Waiting for one device. In Node, Dawn looks at the device at every turn of the event loop while anything is awaited,
 * which keeps one core busy, and a software device computes on those cores: until all that is waited for has settled,
 * every turn sleeps a little.
 */
export class Waiting {
  readonly #never = new Int32Array(new SharedArrayBuffer(4));
  #pending = 0;
  #napping = false;

  async for<T>(pending: Promise<T>): Promise<T> {
    if (browserGpu() !== undefined) return pending;
    this.#pending += 1;
    if (!this.#napping) setImmediate(() => this.#nap());
    this.#napping = true;
    try {
      return await pending;
    } finally {
      this.#pending -= 1;
    }
  }

  #nap(): void {
    this.#napping = this.#pending > 0;
    if (!this.#napping) return;
    Atomics.wait(this.#never, 0, 0, NAP_MS);
    setImmediate(() => this.#nap());
  }
}
