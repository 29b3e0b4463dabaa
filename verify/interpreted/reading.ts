import type { ProgramSource } from '../../compiler/draft.ts';
import { emptyDense, sizeOf, type Dense, type Sizes } from '../../compiler/interpret/dense.ts';
import { interpret, type Environment } from '../../compiler/interpret/interpret.ts';
import { stateLabel } from '../../compiler/passes/stage.ts';
import { topological } from '../../dsl/graph.ts';
import type { InputNode, Node, ParameterNode } from '../../dsl/node.ts';
import {
  blockProgram,
  layoutPrompt,
  modelGraph,
  prefillProgram,
  rereadProgram,
  stepProgram,
  type CacheMode,
  type ModelGraph,
  type Padding,
  type PldrConfig,
  type Prompt,
  type PromptLayout,
  type Variant,
} from '../../models/pldr/index.ts';

/** A model's configuration, and its weights by their names in a checkpoint, row-major. */
export interface InterpretedModel {
  readonly config: PldrConfig;
  readonly weights: ReadonlyMap<string, Float64Array>;
  /** How it makes G, instead of what its configuration names. */
  readonly variant?: Variant;
}

export interface ReadOptions {
  readonly mode?: CacheMode;
  readonly padding?: Padding;
  /** Instead of the model's own. */
  readonly variant?: Variant;
  /** Input `G` [layer, head, row, col], for the variant that is given it. */
  readonly G?: Float64Array;
  /** What becomes of each number of each value, see `interpret`. */
  readonly round?: (x: number) => number;
}

/** A text that the interpreter has read, and what its mode keeps of it. */
export interface Reading {
  readonly model: InterpretedModel;
  readonly options: ReadOptions;
  readonly graph: ModelGraph;
  readonly prompt: Prompt;
  readonly layout: PromptLayout;
  /** Positions of the longest row. */
  readonly placed: number;
  readonly states: Readonly<Record<string, Dense>>;
  /** Of each row's last token [batch, vocab]. */
  readonly logits: Dense;
}

/** Reads a prompt with the program that the model's sessions run first, in double precision. */
export function read(model: InterpretedModel, prompt: Prompt, options: ReadOptions = {}): Reading {
  const batch = prompt.rows.length;
  const variant = options.variant ?? model.variant;
  const graph = modelGraph(model.config, { batch, ...(variant === undefined ? {} : { variant }) });
  return readWith(prefillProgram(graph, options.mode ?? 'kv+g'), { model, options, graph }, prompt, {});
}

type Setting = Pick<Reading, 'model' | 'options' | 'graph'>;

function readWith(source: ProgramSource, setting: Setting, prompt: Prompt, states: Reading['states']): Reading {
  const {
    model: { config },
    options,
  } = setting;
  const layout = layoutPrompt(prompt, options.padding ?? 'exact', {
    vocab: config.vocabSize,
    context: config.contextLength,
    padId: config.padId ?? 0,
  });
  const sizes = { pos: layout.length, batch: prompt.rows.length };
  const { ids, position, present, attends, last } = layout;
  const inputs = {
    ids,
    position,
    present,
    attends,
    last,
    visible: columns(layout.visible, config.contextLength, layout.length),
  };
  const result = run(source, environment(source, setting, inputs, states, sizes), options.round);
  return {
    ...setting,
    prompt,
    layout,
    placed: layout.length,
    states: { ...states, ...result.states },
    logits: result.logits,
  };
}

/** One more token for each row, as the mode reads it: by the step program, or the whole text again. */
export function extend(before: Reading, tokens: readonly number[]): Reading {
  const mode = before.options.mode ?? 'kv+g';
  if (mode === 'kv' || mode === 'kv+g') return appended(before, tokens.map((id) => [id]), mode);
  const prompt: Prompt = {
    rows: before.prompt.rows.map((r, i) => [...r, tokens[i]]),
    mask: before.prompt.mask?.map((m) => [...m, 1]),
  };
  return readWith(rereadProgram(before.graph, mode), before, prompt, before.states);
}

/**
 * Several more tokens for each row at once, in a mode that keeps keys and values.
 * @returns the reading after them, and logits after each [batch, new, vocab]
 */
export function extendBlock(
  before: Reading, tokens: readonly (readonly number[])[],
): { readonly reading: Reading; readonly logits: Dense } {
  const { source, env } = appending(before, tokens, before.options.mode === 'kv' ? 'kv' : 'kv+g', tokens[0].length);
  const { states, logits } = run(source, env, before.options.round);
  const [batch, count, vocab] = logits.sizes;
  const last = Float64Array.from({ length: batch * vocab }, (_, i) =>
    logits.data[(Math.floor(i / vocab) * count + count - 1) * vocab + (i % vocab)]);
  const reading = {
    ...before, placed: before.placed + count, states: { ...before.states, ...states },
    logits: { names: [logits.names[0], logits.names[2]], sizes: [batch, vocab], data: last },
  };
  return { reading, logits };
}

function appended(before: Reading, tokens: readonly (readonly number[])[], mode: 'kv' | 'kv+g'): Reading {
  const { source, env } = appending(before, tokens, mode);
  const { states, logits } = run(source, env, before.options.round);
  return { ...before, placed: before.placed + 1, states: { ...before.states, ...states }, logits };
}

/** The program that reads one more token for each row, and all that it reads. */
export const step = (before: Reading, tokens: readonly number[], mode: 'kv' | 'kv+g'): Running =>
  appending(before, tokens.map((id) => [id]), mode);

interface Running {
  readonly source: ProgramSource;
  readonly env: Environment;
}

/** The program that reads one more token for each row, or a block of as many as are given, and all that it reads. */
function appending(
  before: Reading, tokens: readonly (readonly number[])[], mode: 'kv' | 'kv+g', block?: number,
): Running {
  const { graph, layout, model: { config } } = before;
  const since = before.placed - layout.length;
  const placed = before.placed + (block ?? 1);
  const inputs = {
    ids: tokens.flat(),
    position: tokens.flatMap((row, r) => row.map((_, at) => layout.nextPosition[r] + since + at)),
    slot: Array.from(layout.nextSlot, (s) => s + since),
    present: tokens.flat().map(() => 1),
    attends: tokens.flat().map(() => 1),
    visible: columns(layout.visible, config.contextLength, placed),
  };
  const source = block === undefined ? stepProgram(graph, mode) : blockProgram(graph, mode, block);
  const sizes = { key: placed, batch: tokens.length, ...(block === undefined ? {} : { new: block }) };
  return { source, env: environment(source, before, inputs, before.states, sizes) };
}

/** The first `count` columns of a matrix. */
const columns = (data: ArrayLike<number>, width: number, count: number): readonly number[] =>
  Array.from({ length: (data.length / width) * count }, (_, i) => data[Math.floor(i / count) * width + (i % count)]);

interface Result {
  readonly logits: Dense;
  readonly states: Readonly<Record<string, Dense>>;
}

function rootsOf(source: ProgramSource): readonly Node[] {
  return [...Object.values(source.outputs), ...(source.states?.values() ?? [])];
}

function run(source: ProgramSource, env: Environment, round?: (x: number) => number): Result {
  const labels = [...(source.states?.keys() ?? [])];
  const values = interpret(rootsOf(source), env, round);
  return {
    logits: values[0],
    states: Object.fromEntries(labels.map((l, i) => [l, values[i + values.length - labels.length]])),
  };
}

/** What a program reads: the weights of the model, what it is given, and what was kept. */
function environment(
  source: ProgramSource,
  { model, options }: Setting,
  given: Readonly<Record<string, ArrayLike<number>>>,
  states: Reading['states'],
  sizes: Sizes,
): Environment {
  const inputs: Record<string, Dense> = {};
  const parameters: Record<string, Dense> = {};
  const named: ReadonlyMap<string, ArrayLike<number>> = new Map([...Object.entries(given), ['G', options.G ?? []]]);
  for (const node of topological(rootsOf(source))) {
    if (node.kind === 'parameter') parameters[node.name] = dense(node, model.weights.get(node.name) ?? [], {});
    if (node.kind !== 'input') continue;
    const label = stateLabel(node.name);
    inputs[node.name] =
      label === undefined ? dense(node, named.get(node.name) ?? [], sizes) : kept(node, states[label], sizes);
  }
  return { inputs, parameters, sizes };
}

function dense(node: InputNode | ParameterNode, data: ArrayLike<number>, sizes: Sizes): Dense {
  const shape = emptyDense(node.axes, sizes);
  if (data.length !== shape.data.length)
    throw new Error(`${node.name} has ${data.length} numbers instead of ${shape.data.length}`);
  return { ...shape, data: Float64Array.from(data) };
}

/** What an unwritten cache row holds: nothing that a model computes, but a number, as blocked rows are weighed by 0. */
const UNWRITTEN = 1e3;

/** A state as the next program takes it: with room for one more row. */
function kept(node: InputNode, state: Dense | undefined, sizes: Sizes): Dense {
  if (state === undefined) throw new Error(`nothing is kept for ${node.name}`);
  const target = node.axes.map((a) => sizeOf(a.size, sizes));
  const grown = node.axes.findIndex((_, d) => target[d] !== state.sizes[d]);
  const names = node.axes.map((a) => a.name);
  if (grown < 0) return { ...state, names };
  const inner = target.slice(grown + 1).reduce((n, s) => n * s, 1);
  const [old, room] = [state.sizes[grown] * inner, (target[grown] - state.sizes[grown]) * inner];
  const data: number[] = [];
  for (let i = 0; i < state.data.length; i += old)
    data.push(...state.data.subarray(i, i + old), ...new Array<number>(room).fill(UNWRITTEN));
  return { names, sizes: target, data: Float64Array.from(data) };
}
