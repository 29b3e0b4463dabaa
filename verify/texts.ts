import { topological } from '../dsl/graph.ts';
import { forward, type ForwardOptions, type HostTensor, type PldrModel } from '../models/pldr/index.ts';
import { operatorsOf } from './invariance/deductions.ts';

/** A text and its greedy continuation. */
export interface Continued {
  readonly ids: readonly number[];
  /** The logits that each of them was chosen by: [step, vocab]. */
  readonly logits: readonly Float32Array[];
}

/** Continues a text by greedy tokens. @throws as `forward` */
export async function follow(
  model: PldrModel, prompt: readonly number[], steps: number, options: ForwardOptions = {},
): Promise<Continued> {
  const { tensors, ids } = await forward(model, { rows: [prompt] }, { ...options, steps });
  const logits = Array.from({ length: steps }, (_, n) => logitsAt(tensors['greedy.logits'], 0, n));
  return { ids: ids?.[0] ?? [], logits };
}

/** Logits of each position of a text: [pos, vocab]. @throws as `forward` */
export async function logitsOfText(
  model: PldrModel, ids: readonly number[], options: ForwardOptions = {},
): Promise<readonly Float32Array[]> {
  const { tensors } = await forward(model, { rows: [ids] }, options);
  return ids.map((_, at) => logitsAt(tensors['prefill.logits'], 0, at));
}

/** One row's numbers at one position, of a tensor [batch, pos, channel]. */
export function logitsAt({ shape: [, length, width], data }: HostTensor, row: number, at: number): Float32Array {
  const from = (row * length + at) * width;
  return data.subarray(from, from + width);
}

/** Whether a model deduces its operator from the text: it depends on what is given, and not on weights alone. */
export function deduces(model: PldrModel): boolean {
  const operators = model.graph(1, 'model').decoded.layers.flatMap(({ G }) => (G === undefined ? [] : [G.node]));
  return topological(operators).some((n) => n.kind === 'input');
}

/**
 * Has a model use the G that it makes of a text, [layer, head, row, col], for other texts too; nothing is needed for a
 * model whose operator no text moves. @throws as `forward`
 */
export async function frozenAt(model: PldrModel, ids: readonly number[]): Promise<Pick<ForwardOptions, 'G'>> {
  if (!deduces(model)) return {};
  const layers = operatorsOf(await forward(model, { rows: [ids] }, { deductive: true }), model.config);
  const out = new Float32Array(layers.reduce((n, { G_LM }) => n + G_LM.length, 0));
  layers.reduce((at, { G_LM }) => (out.set(G_LM, at), at + G_LM.length), 0);
  return { G: out };
}
