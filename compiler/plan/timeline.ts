import type { Computation } from '../fuse/fuse.ts';
import type { Overwrites } from '../passes/updates.ts';
import { aligned } from './arena.ts';
import { lifetimes } from './lifetimes.ts';

/** What a planner must know of the values of a program besides how they are computed. */
export interface Places {
  /** Whether a value has a place outside of the program's own memory. */
  readonly isElsewhere: (key: string) => boolean;
  /** Whether running a kernel twice leaves what running it once does, at any time before its weights change. */
  readonly isRepeatable: (c: Computation) => boolean;
  readonly overwrites: Overwrites;
}

/** A value in the program's memory. */
export interface Life {
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
  /** Where it is read, in order. */
  readonly uses: readonly number[];
}

/** Computations in order, with what each moment has in memory. */
export class Timeline {
  readonly computations: readonly Computation[];
  readonly lives: ReadonlyMap<string, Life>;
  /** The first moment of those at which most bytes are live. */
  readonly peak: { readonly at: number; readonly bytes: number };
  readonly work: number;
  readonly #overwritten: ReadonlyMap<string, number>;

  constructor(computations: readonly Computation[], { isElsewhere, overwrites }: Places) {
    this.computations = computations;
    const uses = new Map<string, number[]>();
    computations.forEach((c, at) => {
      for (const key of c.reads) {
        const known = uses.get(key);
        if (known === undefined) uses.set(key, [at]);
        else known.push(at);
      }
    });
    this.lives = new Map(lifetimes(computations.map((c) => [c]), isElsewhere)
      .map(({ key, bytes, from, to }) => [key, { bytes: aligned(bytes), from, to, uses: uses.get(key) ?? [] }]));
    this.peak = peakOf(this.lives.values(), computations.length);
    this.work = computations.reduce((n, c) => n + c.kind.work, 0);
    this.#overwritten = new Map(computations.flatMap(({ root }, at) => {
      const weight = overwrites.get(root.key);
      return weight === undefined ? [] : [[weight.key, at] as const];
    }));
  }

  /** The last moment before which all weights that a computation reads are still old. */
  lastMomentFor({ reads }: Computation): number {
    return Math.min(...[...reads].map((key) => this.#overwritten.get(key) ?? Infinity));
  }
}

function peakOf(lives: Iterable<Life>, moments: number): { readonly at: number; readonly bytes: number } {
  const changes = new Array<number>(moments + 1).fill(0);
  for (const { bytes, from, to } of lives) {
    changes[from] += bytes;
    changes[to + 1] -= bytes;
  }
  let [live, peak] = [0, { at: 0, bytes: 0 }];
  for (let at = 0; at < moments; at++) {
    live += changes[at];
    if (live > peak.bytes) peak = { at, bytes: live };
  }
  return peak;
}
