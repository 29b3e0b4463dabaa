import type { DeviceBuffer } from '../../memory.ts';
import type { ResolvedSampling } from '../../sampling/options.ts';
import { uniformBits } from '../../sampling/random.ts';
import { fractionBits, minimumWeight, portionOf } from '../../sampling/weights.ts';
import type { CpuMemory } from '../memory.ts';
import { Ranking } from './ranking.ts';
import { openRowFunctions, type RowFunctions } from './row-functions.ts';
import { Row } from './row.ts';

/** What decides a draw besides the logits: the row's stream of random numbers, and the step, from 0. */
export interface DrawPlace {
  readonly stream: number;
  readonly step: number;
}

export interface Choice {
  readonly id: number;
  /** Whether all logits were finite. */
  readonly finite: boolean;
}

/** `sampleToken` for rows of one vocabulary, one after the other, without ranking it all and without new memory. */
export class Chooser {
  readonly #scratch: DeviceBuffer;
  readonly #row: Row;
  readonly #ranking: Ranking;

  private constructor(run: RowFunctions, memory: CpuMemory, scratch: DeviceBuffer, vocab: number) {
    const { address } = memory.own(scratch);
    this.#scratch = scratch;
    this.#row = new Row(run, memory, address + Ranking.bytes(vocab), vocab);
    this.#ranking = new Ranking(run, memory, address, this.#row);
  }

  static async open(
    memory: CpuMemory, create: (label: string, bytes: number) => DeviceBuffer, vocab: number,
  ): Promise<Chooser> {
    const run = await openRowFunctions(memory);
    return new Chooser(run, memory, create('sampling scratch', Ranking.bytes(vocab) + Row.bytes(vocab)), vocab);
  }

  /** @param logits the address of f32 [V] */
  choose(logits: number, options: ResolvedSampling, place: DrawPlace, seen: ReadonlySet<number>): Choice {
    const row = this.#row;
    const finite = row.read(logits, options.repetitionPenalty, seen);
    if (options.greedy) return { id: row.likeliest(), finite };
    row.weigh(options.temperature);
    if (options.topP < 1 || options.topK > 0) this.#keepLikely(options);
    if (options.minP > 0) row.keepHeavy(minimumWeight(options.minP));
    return { id: row.draw(uniformBits(options.seed, place.stream, place.step)), finite };
  }

  #keepLikely(options: ResolvedSampling): void {
    this.#ranking.rank();
    switch (options.order) {
      case 'authors':
        return this.#keepAsAuthors(options);
      case 'hf':
        return this.#keepAsHuggingFace(options);
    }
  }

  /** Top-p, then top-k, as if nothing had been removed; whatever ties with the last one stays. */
  #keepAsAuthors({ topP, topK }: ResolvedSampling): void {
    const nucleus = topP === 1 ? Infinity : Math.max(1, this.#ranking.within(this.#portion(topP)));
    const most = topK === 0 ? Infinity : topK;
    this.#row.keepFrom(this.#ranking.place(Math.min(nucleus, most)).logit);
  }

  /** Top-k with all that tie, then top-p over those: the token that crosses p stays, of its ties as many as fit. */
  #keepAsHuggingFace({ topP, topK }: ResolvedSampling): void {
    if (topK > 0) this.#row.keepFrom(this.#ranking.place(topK).logit);
    if (topP === 1) return;
    // Masses are whole numbers: less than a portion is at most half below it.
    const count = this.#ranking.within(this.#portion(topP) - 0.5) + 1;
    const { logit, above } = this.#ranking.place(count);
    this.#row.keepFrom(logit, count - above);
  }

  #portion(fraction: number): number {
    return portionOf(this.#row.mass, fractionBits(fraction));
  }

  destroy(): void {
    this.#scratch.destroy();
  }
}
