import { axis, freeze, gather, input, tensorOf, type Axis, type Node, type Size } from '../../dsl/index.ts';
import { topological } from '../../dsl/graph.ts';
import type { ProgramSource } from '../../compiler/draft.ts';
import { stage, type StageOptions } from '../../compiler/passes/stage.ts';
import { axesFor, type Axes } from './axes.ts';
import type { PldrConfig } from './config.ts';
import { decoder, head, type Decoded } from './decoder.ts';
import { inputsFor } from './inputs.ts';
import { variantOf, type Variant } from './operator.ts';

/**
 * What is kept from the prompt, with the authors' meaning:
 * - `none`: every step reads the whole text again, and G is made anew from all of it;
 * - `kv`: keys, values and A are kept; G is made from A at every step (G itself is kept where a variant has no A);
 * - `g`: every step reads the whole text again with the prompt's G;
 * - `kv+g`: keys, values and G are kept.
 */
export type CacheMode = 'none' | 'kv' | 'g' | 'kv+g';

export interface ModelGraphOptions {
  readonly batch: number;
  readonly variant?: Variant;
}

/** A model's graph, and the axes it is made of. */
export interface ModelGraph {
  readonly axes: Axes;
  readonly config: PldrConfig;
  readonly decoded: Decoded;
}

/** Declares the model once; every program is staged from this graph. */
export function modelGraph(config: PldrConfig, options: ModelGraphOptions): ModelGraph {
  const axes = axesFor(config, options.batch);
  return { axes, config, decoded: decoder(inputsFor(axes), axes, config, options.variant ?? variantOf(config)) };
}

/**
 * What a mode keeps of each layer's operator. A variant that freezes no A of its own is kept as G where A is asked for:
 * the two are one function.
 */
function keptLabels(g: ModelGraph, mode: CacheMode): ReadonlySet<string> {
  if (mode === 'none') return NOTHING;
  const frozen = new Set(topological([g.decoded.hidden.node]).flatMap((n) => (n.kind === 'freeze' ? [n.label] : [])));
  return new Set(g.decoded.layers.map((_, i) => {
    const A = `layer${i}.A`;
    return mode === 'kv' && frozen.has(A) ? A : `layer${i}.G`;
  }));
}

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Reads a prompt: logits of each row's last token (all hidden states where there is no head), and what the mode keeps.
 */
export function prefillProgram(g: ModelGraph, mode: CacheMode, hasHead = true): ProgramSource {
  return stagedProgram(
    'prefill',
    hasHead ? { logits: lastLogits(g) } : { hidden: g.decoded.hidden.node },
    prefillStage(g, mode),
  );
}

function prefillStage(g: ModelGraph, mode: CacheMode): StageOptions {
  return { supplied: NOTHING, kept: keptLabels(g, mode), caches: mode === 'kv' || mode === 'kv+g' ? 'fill' : 'none' };
}

/** Reads the whole text again with what the mode keeps. */
export function rereadProgram(g: ModelGraph, mode: 'none' | 'g'): ProgramSource {
  const options: StageOptions = { supplied: keptLabels(g, mode), kept: NOTHING, caches: 'none' };
  return stagedProgram('reread', { logits: lastLogits(g) }, options);
}

/** Reads one more token for each row at `slot`, the index of its cache row. */
export const stepProgram = (g: ModelGraph, mode: 'kv' | 'kv+g'): ProgramSource => appending('step', g, mode, 1);

/** Reads up to `most` more tokens for each row, from `slot` on: logits after each of them [batch, pos, vocab]. */
export const blockProgram = (g: ModelGraph, mode: 'kv' | 'kv+g', most: number): ProgramSource =>
  appending('block', g, mode, { symbol: 'new', max: most });

function appending(name: string, g: ModelGraph, mode: 'kv' | 'kv+g', rows: Size): ProgramSource {
  const { Batch, Pos, Key } = g.axes;
  const keys: Axis = axis('key', { symbol: 'key', max: g.config.contextLength });
  const slot = input('slot', [Batch], 'i32');
  const options: StageOptions = {
    supplied: keptLabels(g, mode), kept: NOTHING, caches: 'append', rows: Pos.name, start: slot.node,
    resize: (a) => (a.name === Pos.name ? axis(a.name, rows) : a.name === Key.name ? keys : a),
  };
  return stagedProgram(name, { logits: head(g.decoded.hidden, g.axes, g.config).node }, options);
}

/** What a forward pass can return besides the logits of the last token. */
export interface ForwardOutputs {
  /** Logits of each row's last token; a checkpoint without a head has none. */
  readonly logits: boolean;
  readonly hidden: boolean;
  readonly deductive: boolean;
  /** Every layer's output, to find where a number went wrong. */
  readonly layers: boolean;
}

/**
 * As `prefillProgram`, with more outputs: `hidden` [batch, pos, embed], `layerN.A` … `layerN.attention`, `layerN.h`.
 */
export function forwardProgram(g: ModelGraph, mode: CacheMode, what: ForwardOutputs): ProgramSource {
  const outputs: Record<string, Node> = what.logits ? { logits: lastLogits(g) } : {};
  if (what.layers) outputs['embedding'] = g.decoded.embedded.node;
  if (what.hidden) outputs['hidden'] = g.decoded.hidden.node;
  g.decoded.layers.forEach((layer, i) => {
    const { h, ...trace } = layer;
    if (what.deductive) for (const [name, x] of Object.entries(trace)) outputs[`layer${i}.${name}`] = x.node;
    if (what.layers) outputs[`layer${i}.h`] = h.node;
  });
  return stagedProgram('forward', outputs, prefillStage(g, mode));
}

/** Logits of up to `rows` hidden states at a time, so that a long text's logits need no large buffer. */
export function headProgram(config: PldrConfig, rows: number): ProgramSource {
  const axes = axesFor(config, 1);
  const Rows = axis('row', { symbol: 'rows', max: rows });
  return { name: 'head', outputs: { logits: head(input('hidden', [Rows, axes.Embed]), axes, config).node } };
}

/** Logits of the token at index `last` of each row. */
function lastLogits({ axes, config, decoded }: ModelGraph): Node {
  const last = input('last', [axes.Batch], 'i32');
  return head(gather(decoded.hidden, axes.Pos, last), axes, config).node;
}

function stagedProgram(name: string, outputs: Readonly<Record<string, Node>>, options: StageOptions): ProgramSource {
  const staged = stage(Object.values(outputs), options);
  const kept = new Set([...staged.states.values()].map((state) => state.key));
  // What is returned stays what it was, and a state may be changed later: a value that is both lies in two places.
  const apart = (node: Node, key: string): Node => (kept.has(node.key) ? freeze(tensorOf(node), key).node : node);
  return {
    name,
    outputs: Object.fromEntries(Object.keys(outputs).map((key, i) => [key, apart(staged.outputs[i], key)])),
    states: staged.states,
  };
}
