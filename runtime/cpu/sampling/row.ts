import { penaliseSeen } from '../../sampling/reference.ts';
import { portionOf, type WeightScale, weightScale } from '../../sampling/weights.ts';
import type { CpuMemory } from '../memory.ts';
import type { RowFunctions } from './row-functions.ts';

const ALL_TIES = 2 ** 31 - 1;

/** One row: its logits, and the weights of the tokens that may be drawn. Its memory serves every row. */
export class Row {
  readonly vocab: number;
  /** Where f32 [V] lies: the logits, penalised; NaN counts as −∞. */
  readonly logitsAt: number;
  /** Where u32 [V] lies: the weights; 0 for tokens that were removed. */
  readonly weightsAt: number;
  /** The largest logit, once weighed. */
  heaviest = -Infinity;
  scale: WeightScale = weightScale(1);
  /** The sum of all weights. */
  mass = 0;
  readonly #run: RowFunctions;
  readonly #logits: Float32Array;

  /** @param address of `Row.bytes(vocab)` bytes */
  constructor(run: RowFunctions, memory: CpuMemory, address: number, vocab: number) {
    this.vocab = vocab;
    this.logitsAt = address;
    this.weightsAt = address + 4 * vocab;
    this.#run = run;
    this.#logits = new Float32Array(memory.wasm.buffer, this.logitsAt, vocab);
  }

  static bytes(vocab: number): number {
    return 8 * vocab;
  }

  /** @param from the address of f32 [V] @returns whether all logits were finite */
  read(from: number, penalty: number, seen: ReadonlySet<number>): boolean {
    const finite = this.#run.read(from, this.logitsAt, 4 * this.vocab) === 1;
    if (penalty !== 1) penaliseSeen(this.#logits, penalty, seen);
    return finite;
  }

  /** The token with the largest logit; of several, the lowest id. */
  likeliest(): number {
    return this.#run.likeliest(this.logitsAt, 4 * this.vocab) / 4;
  }

  weigh(temperature: number): void {
    this.heaviest = this.#logits[this.likeliest()];
    this.scale = weightScale(temperature);
    this.mass = this.weighOthers(this.logitsAt, this.weightsAt, this.vocab);
  }

  /** Weighs logits as this row's. @param logits the address of f32 [count] @param weights that of u32 [count] */
  weighOthers(logits: number, weights: number, count: number): number {
    const { halvings, cutoff } = this.scale;
    return this.#run.weigh(logits, weights, 4 * count, this.heaviest, halvings, cutoff);
  }

  /** Removes the tokens below a logit, and of those that have it all but as many as `ties`, the lowest ids. */
  keepFrom(lowest: number, ties = ALL_TIES): void {
    this.mass = this.#run.keep(this.logitsAt, this.weightsAt, 4 * this.vocab, lowest, ties, 0);
  }

  /** Removes the tokens that weigh less. */
  keepHeavy(minimum: number): void {
    this.mass = this.#run.keep(this.logitsAt, this.weightsAt, 4 * this.vocab, -Infinity, ALL_TIES, minimum);
  }

  /** The token at a part of the mass, counted in the order of ids. @param bits the part, in 2^-32 */
  draw(bits: number): number {
    return this.#run.draw(this.weightsAt, portionOf(this.mass, bits)) / 4;
  }
}
