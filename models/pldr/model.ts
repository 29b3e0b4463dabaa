import { compile, type ProgramSource, type Target } from '../../compiler/compile.ts';
import { weightRows } from '../../compiler/passes/split.ts';
import type { Program, WeightLayout } from '../../compiler/program.ts';
import { RicciError } from '../../dsl/index.ts';
import type { TensorEntry } from '../../runtime/safetensors/entry.ts';
import { withReader } from '../../runtime/safetensors/reader.ts';
import { BufferSet } from '../../runtime/webgpu/buffers.ts';
import type { GpuDevice } from '../../runtime/webgpu/device.ts';
import { PipelineCache } from '../../runtime/webgpu/pipelines.ts';
import { uploadWeights } from '../../runtime/webgpu/weights.ts';
import { openCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { PldrConfig } from './config.ts';
import { given, variantOf, type Variant } from './operator.ts';
import { modelGraph, prefillProgram, stepProgram, type ModelGraph } from './programs.ts';
import { targetOf } from './target.ts';
import { loadTokenizer, type Tokenizer } from './tokenizer/index.ts';

export interface LoadOptions {
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** How the model makes G, instead of what its configuration names. */
  readonly variant?: Variant;
  /** The caller supplies G with every run: a checkpoint without one is fine. */
  readonly suppliesG?: boolean;
  /** Bytes that are free for weights, where that is known. */
  readonly freeBytes?: number;
}

/** Where a session's G comes from: the model's own way, or the caller. */
export type OperatorSource = 'model' | 'given';

/**
 * A checkpoint on a device: weights, and programs compiled as they are asked for. It holds no state of any text: that is a
 * session's.
 */
export class PldrModel {
  readonly gpu: GpuDevice;
  readonly config: PldrConfig;
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer | undefined;
  /** Buffers of the weights; sessions share them. */
  readonly weights: BufferSet;
  readonly pipelines: PipelineCache;
  readonly #target: Target;
  readonly #variant: Variant;
  readonly #layout: WeightLayout;
  readonly #graphs = new Map<string, ModelGraph>();
  readonly #programs = new Map<string, Program>();

  private constructor(gpu: GpuDevice, checkpoint: Checkpoint, tokenizer: Tokenizer | undefined, variant: Variant, layout: WeightLayout, programs: readonly (readonly [string, Program])[]) {
    this.gpu = gpu;
    this.checkpoint = checkpoint;
    this.config = checkpoint.config;
    this.tokenizer = tokenizer;
    this.weights = new BufferSet(gpu.device);
    this.pipelines = new PipelineCache(gpu.device);
    this.#target = targetOf(gpu);
    this.#variant = variant;
    this.#layout = layout;
    for (const [key, p] of programs) this.#programs.set(key, p);
  }

  /**
   * Opens a checkpoint folder, compiles its two programs and loads its weights.
   * @throws `config/…`, `checkpoint/…`, `weights/…`, `tokenizer/…`, `device/out-of-memory`
   */
  static async load(dir: string, gpu: GpuDevice, options: LoadOptions = {}): Promise<PldrModel> {
    const checkpoint = await openCheckpoint(dir, { suppliesG: options.suppliesG ?? false });
    const tokenizer = checkpoint.tokenizerFile === undefined ? undefined : await loadTokenizer(checkpoint.tokenizerFile);
    const variant = options.variant ?? (options.suppliesG === true ? given : variantOf(checkpoint.config));
    const graph = modelGraph(checkpoint.config, { batch: 1, variant });
    const { programs, layout } = compile(firstPrograms(graph, checkpoint.hasHead), targetOf(gpu));
    const keyed = programs.map((p) => [programKey(p.name, 'kv+g', 1, 'model'), p] as const);
    const model = new PldrModel(gpu, checkpoint, tokenizer, variant, layout, checkpoint.hasHead ? keyed : []);
    try {
      await model.#upload(options);
    } catch (error) {
      model.close();
      throw error;
    }
    return model;
  }

  async #upload(options: LoadOptions): Promise<void> {
    await withReader((reader) => uploadWeights(this.gpu.device, this.weights, this.#layout, async (weight, from, target) => {
      const { name, rows } = weightRows(weight);
      const entry = this.#entry(name);
      const perRow = entry.shape.slice(1).reduce((n, s) => n * s, 1);
      await reader.readFloats(entry, from + (rows?.start ?? 0) * perRow, target);
    }, options));
    const [error] = this.gpu.takeErrors();
    if (error !== undefined) throw error;
  }

  #entry(name: string): TensorEntry {
    const entry = this.checkpoint.tensors.get(name);
    if (entry !== undefined) return entry;
    throw new RicciError({
      code: 'checkpoint/no-weight',
      message: `The model reads the weight "${name}", and the checkpoint has none of that name.`,
      hint: 'A variant can read only the weights that its checkpoint has.',
    });
  }

  /** The model's graph for so many rows. */
  graph(batch: number, operator: OperatorSource): ModelGraph {
    const key = `${batch}/${operator}`;
    const known = this.#graphs.get(key);
    if (known !== undefined) return known;
    const made = modelGraph(this.config, { batch, variant: operator === 'given' ? given : this.#variant });
    this.#graphs.set(key, made);
    return made;
  }

  /** Compiles a program that reads this model's weights, once for each key. */
  program(key: string, source: () => ProgramSource): Program {
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    const made = compile([source()], this.#target, this.#layout).programs[0];
    this.#programs.set(key, made);
    return made;
  }

  /** Frees the weights. Sessions must be closed before. */
  close(): void {
    this.weights.destroy();
  }
}

export const programKey = (name: string, mode: string, batch: number, operator: OperatorSource): string => [name, mode, batch, operator].join('/');

/** The programs that decide where weights lie: the step first, for it runs most. */
function firstPrograms(graph: ModelGraph, hasHead: boolean): readonly ProgramSource[] {
  const prefill = prefillProgram(graph, 'kv+g', hasHead);
  return hasHead ? [stepProgram(graph, 'kv+g'), prefill] : [prefill];
}
