import type { World } from './support.ts';

/** A world in which Ctrl-C comes when the clock is looked at for the n-th time. */
export function interruptedAt(n: number): World {
  let [stop, ticks] = [(): void => undefined, 0];
  return {
    onInterrupt: (handler) => ((stop = handler), () => undefined),
    now: () => {
      ticks += 1;
      if (ticks === n) stop();
      return 1000 * ticks;
    },
  };
}
