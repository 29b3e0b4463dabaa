import type { Program, Value } from '../../compiler/program.ts';
import { RicciError } from '../../dsl/index.ts';
import { bufferKey, BufferSet } from '../../runtime/buffers.ts';
import type { Commands, Executable } from '../../runtime/device.ts';
import type { LogitsBinding, Sampler } from '../../runtime/sampling/sampler.ts';
import { shapeOf, type RunSizes } from '../../runtime/sizes.ts';
import { readValue, writeValue } from '../../runtime/transfer.ts';
import { hostTensor, type HostTensor } from './host-tensor.ts';
import { programKey, type OperatorSource, type PldrModel } from './model.ts';
import { forwardProgram, prefillProgram, rereadProgram, stepProgram, type CacheMode, type ForwardOutputs } from './programs.ts';
import { layoutPrompt, type Padding, type Prompt, type PromptLayout } from './prompt.ts';
import { shareFirstRow } from './share-first.ts';

export interface SessionOptions {
  /** Rows that are generated together; default 1. */
  readonly batch?: number;
  readonly cache?: CacheMode;
  readonly padding?: Padding;
  /** From the second forward on, every row uses row 0's G; default as the configuration says. */
  readonly cacheFirstG?: boolean;
  /** G for every run [layer, head, row, col], instead of the model's own. */
  readonly G?: Float32Array;
  /** What the first forward returns besides logits; nothing by default. */
  readonly outputs?: Partial<ForwardOutputs>;
}

const NO_OUTPUTS: ForwardOutputs = { logits: true, hidden: false, deductive: false, layers: false };

/**
 * One text (or a batch of texts) in the making: its caches, its G, and the programs that extend it. G belongs here and
 * never to the model, so that sessions of one model do not disturb each other.
 */
export class Session {
  readonly model: PldrModel;
  readonly batch: number;
  readonly mode: CacheMode;
  readonly padding: Padding;
  readonly options: SessionOptions;
  readonly sampler: Sampler | undefined;
  readonly #buffers: BufferSet;
  #stepBuffers: BufferSet;
  #first: Executable | undefined;
  #next: Executable | undefined;
  #layout: PromptLayout | undefined;
  #prompt: Prompt | undefined;
  #placed = 0;
  #logits: LogitsBinding | undefined;

  private constructor(model: PldrModel, options: SessionOptions, sampler: Sampler | undefined) {
    this.model = model;
    this.batch = options.batch ?? 1;
    this.mode = options.cache ?? 'kv+g';
    this.padding = options.padding ?? 'exact';
    this.options = options;
    this.sampler = sampler;
    this.#buffers = model.weights.share('weights:');
    this.#stepBuffers = new BufferSet(model.device);
  }

  /** Opens a session; its programs are compiled here, and none later. @throws `pldr/no-head` when it cannot generate */
  static async open(model: PldrModel, options: SessionOptions = {}): Promise<Session> {
    const batch = options.batch ?? 1;
    const sampler = model.checkpoint.hasHead
      ? await model.device.createSampler({ batch, vocab: model.config.vocabSize, maxSteps: model.config.contextLength + 1 })
      : undefined;
    const session = new Session(model, options, sampler);
    try {
      await session.#prepare();
    } catch (error) {
      session.close();
      throw error;
    }
    return session;
  }

  async #prepare(): Promise<void> {
    const { device } = this.model;
    this.#first = await device.open(await this.#firstProgram(), this.#buffers);
    if (this.options.G !== undefined) this.#writeG(this.#first.program, this.options.G);
    if (this.sampler === undefined) return;
    const program = await this.#nextProgram();
    if (!this.appends) {
      this.#next = await device.open(program, this.#buffers);
      return;
    }
    const step = this.#stepBuffers = this.#buffers.share('weights:', 'arena:', 'state:', 'output:logits', 'input:visible', 'input:G');
    const { ids, position, slot } = this.sampler.control;
    step.lend('input:ids', ids);
    step.lend('input:position', position);
    step.lend('input:slot', slot);
    device.write(step.ensure('input:attends', this.batch * 4), 0, new Float32Array(this.batch).fill(1));
    this.#next = await device.open(program, step);
  }

  #firstProgram(): Promise<Program> {
    const { model, batch, mode } = this;
    const what = { ...NO_OUTPUTS, logits: model.checkpoint.hasHead, ...this.options.outputs };
    const extra = what.hidden || what.deductive || what.layers || !what.logits;
    if (!extra) return model.program(programKey('prefill', mode, batch, this.operator), () => prefillProgram(model.graph(batch, this.operator), mode));
    const name = `forward${JSON.stringify(what)}`;
    return model.program(programKey(name, mode, batch, this.operator), () => forwardProgram(model.graph(batch, this.operator), mode, what));
  }

  #nextProgram(): Promise<Program> {
    const { model, batch, mode } = this;
    const graph = (): ReturnType<PldrModel['graph']> => model.graph(batch, this.operator);
    if (mode === 'none' || mode === 'g') return model.program(programKey('reread', mode, batch, this.operator), () => rereadProgram(graph(), mode));
    return model.program(programKey('step', mode, batch, this.operator), () => stepProgram(graph(), mode));
  }

  #writeG(program: Program, G: Float32Array): void {
    const value = program.inputs['G'];
    if (value !== undefined) writeValue(this.model.device, this.#buffers, 'G', value, {}, G);
  }

  /** What the programs of this session share: weights, inputs, what is kept. */
  get buffers(): BufferSet {
    return this.#buffers;
  }

  /** Whether the caller has given G, or the model makes it. */
  get operator(): OperatorSource {
    return this.options.G === undefined ? 'model' : 'given';
  }

  /** Positions that this session can hold. */
  get capacity(): number {
    return this.model.config.contextLength;
  }

  /** Tokens of the longest row so far, padding included. */
  get length(): number {
    return this.#placed;
  }

  get layout(): PromptLayout {
    if (this.#layout === undefined) throw notStarted();
    return this.#layout;
  }

  /** What the first forward pass leaves on the device, by name. */
  get values(): Readonly<Record<string, Value>> {
    return this.#firstExecutable.program.outputs;
  }

  get #firstExecutable(): Executable {
    if (this.#first === undefined) throw notStarted();
    return this.#first;
  }

  /** Gives the session its text: writes the inputs of the first forward pass. */
  start(prompt: Prompt): PromptLayout {
    const { vocabSize, padId } = this.model.config;
    if (prompt.rows.length !== this.batch) {
      throw new RicciError({
        code: 'pldr/batch', message: `The session has ${this.batch} rows, and ${prompt.rows.length} prompts were given.`,
        hint: 'Open the session with `batch` set to the number of prompts.',
      });
    }
    this.#prompt = prompt;
    this.#layout = layoutPrompt(prompt, this.padding, { vocab: vocabSize, context: this.capacity, padId: padId ?? 0 });
    this.#writePrompt(this.#firstExecutable.program, this.#layout);
    this.#placed = this.#layout.length;
    return this.#layout;
  }

  #sizes(layout: PromptLayout): RunSizes {
    return { pos: layout.length, batch: this.batch };
  }

  #writePrompt(program: Program, layout: PromptLayout): void {
    const sizes = this.#sizes(layout);
    const data: Readonly<Record<string, Float32Array | Int32Array>> = {
      ids: layout.ids, position: layout.position, present: layout.present, attends: layout.attends, last: layout.last, visible: layout.visible,
    };
    for (const [name, value] of Object.entries(program.inputs)) {
      const own = data[name];
      // Which keys may be looked at is said for the whole cache at once: the steps read the rest of it.
      const ownSizes = name === 'visible' ? { ...sizes, pos: this.capacity } : sizes;
      if (own !== undefined) writeValue(this.model.device, this.#buffers, name, value, ownSizes, own);
    }
  }

  /** Adds the first forward pass. */
  encodeFirst(commands: Commands): void {
    commands.run(this.#firstExecutable, this.#sizes(this.layout));
  }

  /** Submits the first forward pass over a text, alone. */
  runFirst(prompt: Prompt): PromptLayout {
    const layout = this.start(prompt);
    this.model.device.submit((commands) => this.encodeFirst(commands));
    return layout;
  }

  /** After the first forward pass, where every row is to use row 0's G: copies it. */
  shareFirstG(commands: Commands): void {
    if (!(this.options.cacheFirstG ?? this.model.config.cacheFirstG)) return;
    for (const [label, value] of Object.entries(this.#firstExecutable.program.states)) {
      if (!/\.(G|A)$/.test(label) || !value.axes.some((a) => a.name === 'batch')) continue;
      const spare = this.#stepBuffers.ensure(`first:${label}`, value.region.bytes);
      shareFirstRow(commands, value, this.#buffers.get(bufferKey(value.region)), spare);
    }
  }

  /** Whether a step reads one token and appends to the caches; otherwise it reads the whole text again. */
  get appends(): boolean {
    return this.mode === 'kv' || this.mode === 'kv+g';
  }

  /**
   * Makes room for one more token in each row, before the step that reads it. A step that appends takes the token from
   * the sampler; one that reads the whole text again takes it from `tokens`.
   */
  extend(tokens: readonly number[]): void {
    if (this.appends) {
      this.#placed += 1;
      return;
    }
    const prompt = this.#prompt;
    if (prompt === undefined) throw notStarted();
    const extended: Prompt = {
      rows: prompt.rows.map((r, i) => [...r, tokens[i]]),
      mask: prompt.mask?.map((m) => [...m, 1]),
    };
    this.#prompt = extended;
    const { vocabSize, padId } = this.model.config;
    this.#layout = layoutPrompt(extended, this.padding, { vocab: vocabSize, context: this.capacity, padId: padId ?? 0 });
    this.#placed = this.#layout.length;
    this.#writePrompt(this.#nextExecutable.program, this.#layout);
  }

  /** Counts tokens of each row that were read by a program of the caller's. */
  advance(tokens: number): void {
    this.#placed += tokens;
  }

  /** Adds the forward pass over what `extend` added last. */
  encodeNext(commands: Commands): void {
    const sizes = this.appends ? { key: this.#placed, batch: this.batch } : this.#sizes(this.layout);
    commands.run(this.#nextExecutable, sizes);
  }

  get #nextExecutable(): Executable {
    if (this.#next !== undefined) return this.#next;
    throw new RicciError({
      code: 'pldr/no-head', message: 'The checkpoint has no head, so it makes no logits to generate from.',
      hint: 'Use a checkpoint with final_layer.weight, or read hidden states with forward.',
    });
  }

  /** Where the logits of the last pass lie: [batch, vocab]. */
  logits(): LogitsBinding {
    return this.#logits ??= this.#findLogits();
  }

  #findLogits(): LogitsBinding {
    const { region } = this.#nextExecutable.program.outputs['logits'];
    return { buffer: this.#buffers.get(bufferKey(region)), offset: region.offset, size: region.bytes };
  }

  /** Reads an output of the first forward pass, which was laid out as `layout`; throws for a name that was not asked for. */
  async readFirst(name: string, layout: PromptLayout): Promise<HostTensor> {
    const value = this.values[name];
    if (value === undefined) throw new Error(`session: no output "${name}"`);
    return this.#readHost(value, this.#sizes(layout));
  }

  /**
   * Reads what the session keeps, for example `layer0.G` [batch, head, row, col], or `layer0.k` [batch, head, pos, dk] for
   * all positions so far; undefined when its mode does not keep it.
   */
  async readState(label: string): Promise<HostTensor | undefined> {
    const value = this.#firstExecutable.program.states[label];
    return value === undefined ? undefined : this.#readHost(value, { ...this.#sizes(this.layout), pos: this.#placed });
  }

  async #readHost(value: Value, sizes: RunSizes): Promise<HostTensor> {
    const data = await readValue(this.model.device, this.#buffers, value, sizes);
    return hostTensor(value.axes.map((a) => a.name), shapeOf(value, sizes), Float32Array.from(data));
  }

  /** Logits [batch, vocab] of the last pass. */
  async readLogits(): Promise<HostTensor> {
    return this.#readHost(this.#nextExecutable.program.outputs['logits'], { batch: this.batch });
  }

  /** Frees caches, arena and the sampler; the model stays. */
  close(): void {
    this.#first?.destroy();
    this.#next?.destroy();
    this.sampler?.destroy();
    this.#buffers.destroy();
    this.#stepBuffers.destroy();
  }
}

const notStarted = (): RicciError => new RicciError({
  code: 'pldr/not-started', message: 'The session has no text yet.', hint: 'Call start with a prompt first.',
});
