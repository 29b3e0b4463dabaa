import { forward, type ForwardResult, type PldrModel } from '../../models/pldr/index.ts';

/** The tensors that a model deduces from a text, in the order of their making; attention is read through the last. */
export const DEDUCED = ['A', 'A_LM', 'A_P', 'G_LM'] as const;

export type DeducedName = (typeof DEDUCED)[number];

/** What one layer deduces: [head, row, col] each. */
export type LayerDeductions = Readonly<Record<DeducedName, Float32Array>>;

/** What a text makes of a model: by layer, and the logits of every position [pos, vocab]. */
export interface ReadText {
  readonly layers: readonly LayerDeductions[];
  /** Of each layer, [head, pos, key]. */
  readonly attention: readonly Float32Array[];
  readonly logits: readonly Float32Array[];
}

/** Reads a text with a model whose operator is learned. @throws as `forward` */
export async function readText(model: PldrModel, ids: readonly number[]): Promise<ReadText> {
  const result = await forward(model, { rows: [ids] }, { deductive: true });
  const layers = Array.from({ length: model.config.layers }, (_, l) => layerOf(result, l));
  const attention = layers.map((_, l) => result.tensors[`prefill.layer${l}.attention`].data);
  const { shape: [, length, vocab], data } = result.tensors['prefill.logits'];
  return { layers, attention, logits: Array.from({ length }, (_, at) => data.subarray(at * vocab, (at + 1) * vocab)) };
}

const layerOf = ({ tensors }: ForwardResult, layer: number): LayerDeductions => {
  const of = (name: DeducedName): Float32Array => tensors[`prefill.layer${layer}.${name}`].data;
  return { A: of('A'), A_LM: of('A_LM'), A_P: of('A_P'), G_LM: of('G_LM') };
};
