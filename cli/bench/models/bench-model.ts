import type { WeightStorage } from '../../../dsl/node.ts';
import { PldrModel, Session, type CacheMode, type PldrConfig } from '../../../models/pldr/index.ts';
import { checkAddressable, freeForWeights } from '../../memory.ts';
import type { Io } from '../../io.ts';
import { settle, type Bench } from '../bench.ts';
import { wrongResult } from '../wrong.ts';
import { checkLogits } from './check-logits.ts';
import { greedyText } from './greedy-text.ts';
import { memoryPrograms } from './memory-programs.ts';

/** Tokens after a prompt that are found in a second way. */
export const COMPARED = 4;
/** The shortest prompt that is checked. */
const CHECKED_PROMPT = 8;

/** Where a model lies, what it is, and how its large matrices are to be kept. */
export interface ModelFiles {
  readonly dir: string;
  readonly storage: WeightStorage;
  readonly config: PldrConfig;
}

/** The model that is measured: loaded when it is first needed, checked once, and put away where memory is. */
export class BenchModel {
  readonly bench: Bench;
  readonly io: Io;
  readonly dir: string;
  readonly storage: WeightStorage;
  readonly config: PldrConfig;
  readonly #programs = memoryPrograms();
  readonly #checked = new Map<number, readonly number[]>();
  readonly #released: (() => void)[] = [];
  #loaded: PldrModel | undefined;

  constructor(bench: Bench, io: Io, { dir, storage, config }: ModelFiles) {
    this.bench = bench;
    this.io = io;
    this.dir = dir;
    this.storage = storage;
    this.config = config;
  }

  /** Loads it once more, for whoever closes it. @throws RicciError what loading throws */
  async load(): Promise<PldrModel> {
    const { device } = this.bench;
    checkAddressable(device, this.config, this.storage);
    const freeBytes = freeForWeights(device, this.io);
    const storage = this.storage;
    const own = {
      ...(freeBytes === undefined ? {} : { freeBytes }),
      ...(this.bench.schedules === undefined ? {} : { schedules: this.bench.schedules }),
    };
    const model = await PldrModel.load(this.dir, device, { storage, store: this.#programs, ...own });
    await settle(device);
    return model;
  }

  /** The one that the suites share, whose logits are right. @throws RicciError `bench/wrong`, what loading throws */
  async loaded(): Promise<PldrModel> {
    if (this.#loaded !== undefined) return this.#loaded;
    const model = await this.load();
    this.#loaded = model;
    if (!this.#checked.has(CHECKED_PROMPT)) {
      await checkLogits(model, this.storage, this.prompt(CHECKED_PROMPT));
      await this.tokensAfter(CHECKED_PROMPT);
    }
    return model;
  }

  /** Frees the shared model's memory, and what else `onRelease` named. */
  release(): void {
    this.#loaded?.close();
    this.#loaded = undefined;
    for (const close of this.#released.splice(0)) close();
  }

  /** What is called once, when the model is put away. */
  onRelease(close: () => void): void {
    this.#released.push(close);
  }

  /** Ids spread over the vocabulary, the same on every machine. */
  prompt(length: number): readonly number[] {
    const { vocabSize, contextLength } = this.config;
    const fitting = Math.min(length, contextLength - COMPARED);
    return Array.from({ length: fitting }, (_, i) => 4 + ((i * 7919) % (vocabSize - 4)));
  }

  /**
   * The first greedy tokens after a prompt, which keeping keys and values and reading anew agree on.
   * @throws RicciError `bench/wrong`
   */
  async tokensAfter(length: number): Promise<readonly number[]> {
    const known = this.#checked.get(length);
    if (known !== undefined) return known;
    const [kept, anew] = [await this.#greedy(length, 'kv+g'), await this.#greedy(length, 'g')];
    if (kept.join() !== anew.join()) {
      throw wrongResult(
        `After ${length} tokens come ${kept.join(', ')} where keys and values are kept, and ${anew.join(', ')} where ` +
          'all is read anew.',
      );
    }
    this.#checked.set(length, kept);
    return kept;
  }

  async #greedy(length: number, cache: CacheMode): Promise<readonly number[]> {
    const session = await Session.open(await this.loaded(), { cache });
    try {
      return (await greedyText(session, this.prompt(length), COMPARED, this.bench.now)).ids;
    } finally {
      session.close();
    }
  }
}
