import { compile, type Compiled } from '../../compiler/compile.ts';
import type { ProgramSource } from '../../compiler/draft.ts';
import type { Target } from '../../compiler/target.ts';
import type { Profile, Schedules } from '../../compiler/loop/schedule.ts';
import type { Program, WeightLayout } from '../../compiler/program.ts';
import { digest } from '../../dsl/digest.ts';
import type { WeightStorage } from '../../dsl/node.ts';
import { BufferSet } from '../../runtime/buffers.ts';
import type { Device } from '../../runtime/device.ts';
import { runOnce } from '../../runtime/run-once.ts';
import { withReader } from '../../runtime/safetensors/reader.ts';
import { uploadWeights } from '../../runtime/weights.ts';
import { openCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { PldrConfig } from './config.ts';
import { entriesOf, readEntries } from './open-program.ts';
import { given, variantOf, type Variant } from './operator.ts';
import { storedPrograms, type ProgramStore } from './program-store.ts';
import { modelGraph, prefillProgram, stepProgram, type ModelGraph } from './programs.ts';
import { storageOf } from './storage.ts';
import { targetOf } from './target.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer/index.ts';

export interface LoadOptions {
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** How the model makes G, instead of what its configuration names. */
  readonly variant?: Variant;
  /** The caller supplies G with every run: a checkpoint without one is fine. */
  readonly suppliesG?: boolean;
  /** Keeps compiled programs between runs. Programs of a `variant` of the caller's own are not kept. */
  readonly store?: ProgramStore;
  /** How large matrices are kept (see `storage.ts`): as f32 where nothing is said. */
  readonly storage?: WeightStorage;
  /** Bytes that are free for weights, where that is known. */
  readonly freeBytes?: number;
  /** What some kernels have of their own, as a tuner found it for this device. */
  readonly schedules?: Schedules;
}

/** Where a session's G comes from: the model's own way, or the caller. */
export type OperatorSource = 'model' | 'given';

/** What a model is made of. */
interface ModelParts {
  readonly device: Device;
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer | undefined;
  readonly variant: Variant;
  /** The programs that decided where weights lie. */
  readonly first: Compiled;
  readonly target: Target;
  readonly store: ProgramStore | undefined;
  /** Under which the model's programs are kept in the store. */
  readonly base: string;
  readonly weights: BufferSet;
}

/** Weights that lie on a device already. */
export interface PlacedWeights {
  readonly config: PldrConfig;
  readonly variant?: Variant | undefined;
  readonly layout: WeightLayout;
  /** Buffers in which they lie as the layout says. */
  readonly buffers: BufferSet;
}

/** What programs may be compiled for, besides what a model was loaded with. */
export interface Recompiled {
  /** Positions that caches have room for: at most the configuration's. */
  readonly contextLength?: number;
  /** How all kernels are blocked for the same device, those that have schedules of their own too. */
  readonly profile?: Profile;
}

/**
 * A checkpoint on a device: weights, and programs compiled as they are asked for. It holds no state of any text: that
 * is a session's.
 */
export class PldrModel {
  readonly device: Device;
  readonly config: PldrConfig;
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer | undefined;
  /** How the model makes G. */
  readonly variant: Variant;
  /** Buffers of the weights; sessions share them. */
  readonly weights: BufferSet;
  readonly #parts: ModelParts;
  readonly #graphs = new Map<string, ModelGraph>();
  readonly #programs = new Map<string, Promise<Program>>();

  private constructor(parts: ModelParts) {
    this.device = parts.device;
    this.checkpoint = parts.checkpoint;
    this.config = parts.checkpoint.config;
    this.tokenizer = parts.tokenizer;
    this.variant = parts.variant;
    this.weights = parts.weights;
    this.#parts = parts;
    if (!parts.checkpoint.hasHead) return;
    for (const p of parts.first.programs) {
      this.#programs.set(programKey(p.name, 'kv+g', 1, 'model'), Promise.resolve(p));
    }
  }

  /**
   * Opens a checkpoint folder, compiles its two programs and loads its weights.
   * @throws `config/…`, `checkpoint/…`, `weights/…`, `tokenizer/…`, `device/out-of-memory`
   */
  static async load(dir: string, device: Device, options: LoadOptions = {}): Promise<PldrModel> {
    const checkpoint = await openCheckpoint(dir, { suppliesG: options.suppliesG ?? false, variant: options.variant });
    const { tokenizerFile } = checkpoint;
    const tokenizer = tokenizerFile === undefined ? undefined : await loadTokenizer(tokenizerFile);
    const variant = options.variant ?? (options.suppliesG === true ? given : variantOf(checkpoint.config));
    const { schedules } = options;
    const target = { ...targetOf(device), ...(schedules === undefined ? {} : { schedules }) };
    const store = options.variant === undefined ? options.store : undefined;
    const storage = options.storage ?? 'f32';
    const made = [checkpoint.config, checkpoint.hasHead, options.suppliesG ?? false, target, storage];
    const base = digest(JSON.stringify(made));
    const first = await storedPrograms(store, `${base}/first`, () =>
      compile(
        firstPrograms(modelGraph(checkpoint.config, { batch: 1, variant }), checkpoint.hasHead), target, undefined,
        storageOf(storage),
      ));
    const weights = new BufferSet(device);
    const model = new PldrModel({ device, checkpoint, tokenizer, variant, first, target, store, base, weights });
    try {
      await model.#upload(options);
    } catch (error) {
      model.close();
      throw error;
    }
    return model;
  }

  /**
   * A model over weights that lie on a device already, and may go on changing: each run reads them as they are then. It
   * is to be closed before they are freed.
   */
  static over(device: Device, { config, variant = variantOf(config), layout, buffers }: PlacedWeights): PldrModel {
    const hasHead = Object.keys(layout.weights).some((name) => name.startsWith('final_layer.'));
    return new PldrModel({
      device, variant, base: '', store: undefined, tokenizer: undefined,
      checkpoint: {
        config, hasHead, tensors: new Map(), heads: new Map(), givenG: undefined, tokenizerFile: undefined,
      },
      first: { programs: [], layout }, target: targetOf(device), weights: buffers.share('weights:'),
    });
  }

  async #upload(options: LoadOptions): Promise<void> {
    const { layout } = this.#parts.first;
    const entryOf = entriesOf(this.checkpoint);
    await withReader((reader) =>
      uploadWeights(this.device, this.weights, layout, readEntries(entryOf, reader), options));
    await this.#derive();
    const [error] = this.device.takeErrors();
    if (error !== undefined) throw error;
  }

  /** Runs the load program, where some weights are made from others. */
  async #derive(): Promise<void> {
    const { load } = this.#parts.first;
    if (load !== undefined) await runOnce(this.device, load, this.weights);
  }

  /** Bytes of the weights as the device keeps them. */
  get weightBytes(): number {
    return Object.values(this.#parts.first.layout.weights).reduce((n, { bytes }) => n + bytes, 0);
  }

  /** The model's graph for so many rows. */
  graph(batch: number, operator: OperatorSource): ModelGraph {
    const key = `${batch}/${operator}`;
    const known = this.#graphs.get(key);
    if (known !== undefined) return known;
    const made = modelGraph(this.config, { batch, variant: operator === 'given' ? given : this.variant });
    this.#graphs.set(key, made);
    return made;
  }

  /** A program that reads this model's weights, compiled once for each key. */
  program(key: string, source: () => ProgramSource): Promise<Program> {
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    const { first, target, store, base } = this.#parts;
    const made = storedPrograms(store, `${base}/${key}`, () => compile([source()], target, first.layout))
      .then((c) => c.programs[0]);
    this.#programs.set(key, made);
    return made;
  }

  /**
   * The same model, with programs that are compiled otherwise as they are asked for, and kept nowhere. It uses this one's
   * weights, and is to be closed before it.
   */
  recompiled({ contextLength = this.config.contextLength, profile }: Recompiled): PldrModel {
    const { first, target, ...parts } = this.#parts;
    return new PldrModel({
      ...parts,
      checkpoint: { ...this.checkpoint, config: { ...this.config, contextLength } },
      target: profile === undefined ? target : { ...target, profile, schedules: {} },
      first: { ...first, programs: [] },
      store: undefined,
      weights: this.weights.share('weights:'),
    });
  }

  /** Frees the weights. Sessions must be closed before. */
  close(): void {
    this.weights.destroy();
  }
}

export const programKey = (name: string, mode: string, batch: number, operator: OperatorSource): string =>
  [name, mode, batch, operator].join('/');

/** The programs that decide where weights lie: the step first, for it runs most. */
function firstPrograms(graph: ModelGraph, hasHead: boolean): readonly ProgramSource[] {
  const prefill = prefillProgram(graph, 'kv+g', hasHead);
  return hasHead ? [stepProgram(graph, 'kv+g'), prefill] : [prefill];
}
