/** How long something is repeated. */
export interface Budget {
  /** Seconds of repetitions that count. */
  readonly seconds: number;
  /** Milliseconds since some moment. */
  readonly now: () => number;
}

/** Of the counted time, before it: caches fill, clocks rise, V8 and drivers finish what they compile. */
const WARM_UP = 0.2;
/** Repetitions that count are so many, however long they take, … */
const LEAST = 3;
/** … and no more, however short they are. */
const MOST = 5000;

/** Repeats until the time is up. @returns the seconds of each repetition after the warm-up */
export async function repeat(run: () => Promise<number>, { seconds, now }: Budget): Promise<readonly number[]> {
  await until(run, { least: 1, end: now() + 1000 * WARM_UP * seconds, now });
  return until(run, { least: LEAST, end: now() + 1000 * seconds, now });
}

interface Limits {
  readonly least: number;
  readonly end: number;
  readonly now: () => number;
}

async function until(run: () => Promise<number>, { least, end, now }: Limits): Promise<readonly number[]> {
  const times: number[] = [];
  while (times.length < least || (times.length < MOST && now() < end)) times.push(await run());
  return times;
}
