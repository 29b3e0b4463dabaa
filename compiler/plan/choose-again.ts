import type { Computation } from '../fuse/fuse.ts';
import type { Life, Places, Timeline } from './timeline.ts';

/*
 * choose-again: a moment at which too much is live → the values to forget there, and to make again when they are used
 * next. Those come first that free the most bytes for the work of making them again.
 *
 * Values that are made of one another come back together, just before the first of them is used. So how much forgotten
 * values that belong together may take is bounded: between two such groups lie values that are kept.
 */

/** What must be computed for one value: values by their keys, the value last. */
interface Again {
  readonly members: readonly string[];
  /** Values that were not needed any more, and now are. */
  readonly kept: readonly string[];
  /** Bytes less at the moment. */
  readonly freed: number;
  readonly work: number;
}

/** Values that are made again together. */
interface Group {
  bytes: number;
}

/** @param excess bytes that are too much  @param most what values that are made again together may take */
export function chooseAgain(
  timeline: Timeline, places: Places, excess: number, most: number,
): ReadonlySet<string> {
  const choice = new Choice(timeline, places, most);
  for (let left = excess; left > 0;) {
    const freed = choice.takeBest();
    if (freed === undefined) break;
    left -= freed;
  }
  return choice.chosen;
}

class Choice {
  readonly chosen = new Set<string>();
  readonly #timeline: Timeline;
  readonly #places: Places;
  readonly #most: number;
  readonly #candidates = new Map<string, Again>();
  /** Values that are there later, though nothing else reads them then. */
  readonly #kept = new Set<string>();
  readonly #groups = new Map<string, Group>();
  /** What was chosen, by what it is made of. */
  readonly #madeOf = new Map<string, string[]>();

  constructor(timeline: Timeline, places: Places, most: number) {
    [this.#timeline, this.#places, this.#most] = [timeline, places, most];
    const { at } = timeline.peak;
    for (const [key, life] of timeline.lives) {
      if (isLiveAcross(life, at) && !life.uses.includes(at)) this.#consider(key, life);
    }
  }

  #consider(key: string, life: Life): void {
    const again = this.#again(key, life);
    if (again !== undefined && again.freed > 0) this.#candidates.set(key, again);
    else this.#candidates.delete(key);
  }

  /** Takes the value that frees most for its work. @returns the bytes; undefined where there is none */
  takeBest(): number | undefined {
    for (let best = this.#best(); best !== undefined; best = this.#best()) {
      const [key, again] = best;
      this.#candidates.delete(key);
      if (this.#join(again)) {
        this.#take(again);
        return again.freed;
      }
    }
    return undefined;
  }

  #best(): readonly [string, Again] | undefined {
    let best: readonly [string, Again] | undefined;
    for (const one of this.#candidates) if (best === undefined || gain(one[1]) > gain(best[1])) best = one;
    return best;
  }

  #take({ members, kept }: Again): void {
    for (const key of members) {
      this.chosen.add(key);
      for (const x of this.#maker(key).reads) this.#madeOf.set(x, [...this.#madeOf.get(x) ?? [], key]);
    }
    for (const key of kept) this.#kept.add(key);
    const changed = new Set([...members, ...kept]);
    for (const [key, { members: own, kept: others }] of this.#candidates) {
      const life = this.#timeline.lives.get(key);
      if (life !== undefined && [...own, ...others].some((k) => changed.has(k))) this.#consider(key, life);
    }
  }

  /** Puts values into one group with those that they are made of, and that are made of them, if it is not too large. */
  #join({ members }: Again): boolean {
    const near = members.flatMap((key) => [...this.#maker(key).reads, ...this.#madeOf.get(key) ?? []]);
    const joined = new Set(near.flatMap((key) => this.#groups.get(key) ?? []));
    const bytes = [...joined].reduce((n, g) => n + g.bytes, members.reduce((n, key) => n + this.#bytes(key), 0));
    if (bytes > this.#most) return false;
    const group: Group = { bytes };
    for (const [key, g] of this.#groups) if (joined.has(g)) this.#groups.set(key, group);
    for (const key of members) this.#groups.set(key, group);
    return true;
  }

  #maker(key: string): Computation {
    return this.#timeline.computations[this.#timeline.lives.get(key)?.from ?? 0];
  }

  #bytes(key: string): number {
    return this.#timeline.lives.get(key)?.bytes ?? 0;
  }

  /** What making a value again takes; undefined where that is impossible. */
  #again(key: string, { bytes, uses }: Life): Again | undefined {
    const { at } = this.#timeline.peak;
    const moment = uses.find((u) => u > at) ?? at;
    const members = new Set<string>();
    const kept = new Set<string>();
    let [freed, work, isPossible] = [bytes, 0, true];
    const go = (own: string): void => {
      const maker = this.#maker(own);
      members.add(own);
      work += maker.kind.work;
      isPossible &&= this.#places.isRepeatable(maker) && this.#timeline.lastMomentFor(maker) >= moment;
      for (const x of maker.reads) {
        const life = this.#timeline.lives.get(x);
        if (life === undefined || members.has(x) || kept.has(x) || this.#isThere(x, life)) continue;
        // Either it is there for longer, or it is made again too.
        const other = this.#maker(x);
        const keeps = (freed - life.bytes) * (work + other.kind.work) > freed * work;
        if (!keeps && this.#places.isRepeatable(other)) go(x);
        else {
          kept.add(x);
          freed -= life.bytes;
        }
      }
    };
    go(key);
    return isPossible ? { members: [...members], kept: [...kept], freed, work } : undefined;
  }

  /** Whether a value is there after the moment, or is made again anyway. */
  #isThere(key: string, life: Life): boolean {
    return this.chosen.has(key) || this.#kept.has(key) || isLiveAcross(life, this.#timeline.peak.at);
  }
}

const isLiveAcross = ({ from, to }: Life, at: number): boolean => from < at && at < to;

const gain = ({ freed, work }: Again): number => freed / Math.max(1, work);
