import { browserGpu } from './instance.ts';

/** Between two looks at the device, in ms: little beside a kernel's time, much beside a look's. */
const NAP_MS = 0.1;

/**
 * Waits for the device. In Node, Dawn looks at the device at every turn of the event loop while anything is awaited,
 * which keeps one core busy, and a software device computes on those cores: until `pending` settles, every turn sleeps
 * a little.
 */
export async function waitFor<T>(pending: Promise<T>): Promise<T> {
  if (browserGpu() !== undefined) return pending;
  const never = new Int32Array(new SharedArrayBuffer(4));
  let over = false;
  const nap = (): void => {
    if (over) return;
    Atomics.wait(never, 0, 0, NAP_MS);
    setImmediate(nap);
  };
  setImmediate(nap);
  try {
    return await pending;
  } finally {
    over = true;
  }
}
