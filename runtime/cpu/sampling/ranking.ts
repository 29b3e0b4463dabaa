import type { CpuMemory } from '../memory.ts';
import type { RowFunctions } from './row-functions.ts';
import type { Row } from './row.ts';

/** What weighs anything is halved less than 32 times. */
const BINS_PER_HALVING = 32;
const BINS = 32 * BINS_PER_HALVING;

/** A token's place in the order of logits. */
export interface Place {
  readonly logit: number;
  /** How many tokens have a larger logit. */
  readonly above: number;
}

/**
 * The order of a row's logits, as far as it is asked for: tokens that weigh anything are counted in bins by their
 * distance from the heaviest, and only a bin in which a bound lies is sorted.
 */
export class Ranking {
  readonly #row: Row;
  readonly #run: RowFunctions;
  /** [BINS]: how much the tokens of a bin and of all before it weigh, and how many they are. */
  readonly #masses: Float64Array;
  readonly #counts: Int32Array;
  /** Of the bin that was sorted last, the largest first. */
  readonly #logits: Float32Array;
  readonly #weights: Uint32Array;
  readonly #binsAt: number;
  #sortedBin = -1;

  /** @param address of `Ranking.bytes(vocab)` bytes, a multiple of 8 */
  constructor(run: RowFunctions, memory: CpuMemory, address: number, row: Row) {
    this.#row = row;
    this.#run = run;
    this.#masses = new Float64Array(memory.wasm.buffer, address, BINS);
    this.#counts = new Int32Array(memory.wasm.buffer, address + 8 * BINS, BINS);
    const tokens = address + 12 * BINS;
    this.#logits = new Float32Array(memory.wasm.buffer, tokens, row.vocab);
    this.#weights = new Uint32Array(memory.wasm.buffer, tokens + 4 * row.vocab, row.vocab);
    this.#binsAt = tokens + 8 * row.vocab;
  }

  static bytes(vocab: number): number {
    return 12 * BINS + 12 * vocab;
  }

  /** Ranks the row as it was weighed, before any filter. */
  rank(): void {
    this.#sortedBin = -1;
    const { vocab, logitsAt, weightsAt, heaviest, scale } = this.#row;
    const binsPerLogit = (scale.halvings / 2) * BINS_PER_HALVING;
    const [counts, masses] = [this.#counts.fill(0).byteOffset, this.#masses.fill(0).byteOffset];
    this.#run.rank(
      logitsAt, weightsAt, this.#binsAt, 4 * vocab, heaviest, binsPerLogit, BINS - 1, counts, masses,
    );
  }

  /** The place of the n-th likeliest token, from 1; below all where fewer weigh anything. */
  place(n: number): Place {
    const bin = firstAbove(this.#counts, n - 1);
    const before = this.#counts[bin - 1] ?? 0;
    if (bin === BINS) return { logit: -Infinity, above: before };
    this.#sort(bin);
    const logit = this.#logits[n - before - 1];
    return { logit, above: before + this.#logits.indexOf(logit) };
  }

  /** How many of the likeliest tokens together hold at most this mass, which is less than that of all. */
  within(limit: number): number {
    const bin = firstAbove(this.#masses, limit);
    const weights = this.#weights;
    this.#sort(bin);
    let count = 0;
    for (let mass = this.#masses[bin - 1] ?? 0; mass + weights[count] <= limit; count++) mass += weights[count];
    return (this.#counts[bin - 1] ?? 0) + count;
  }

  #sort(bin: number): void {
    if (bin === this.#sortedBin) return;
    this.#sortedBin = bin;
    const { vocab, logitsAt } = this.#row;
    const [logits, weights] = [this.#logits, this.#weights];
    this.#run.gather(logitsAt, this.#binsAt, 4 * vocab, bin, logits.byteOffset);
    const count = this.#counts[bin] - (this.#counts[bin - 1] ?? 0);
    logits.subarray(0, count).sort().reverse();
    this.#row.weighOthers(logits.byteOffset, weights.byteOffset, count);
  }
}

/** The first place in ascending numbers of one above `x`; past the end where there is none. */
function firstAbove(ascending: Float64Array | Int32Array, x: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] > x) high = middle;
    else low = middle + 1;
  }
  return low;
}
