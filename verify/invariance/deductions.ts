import { forward, type ForwardResult, type HostTensor, type PldrConfig, type PldrModel } from '../../models/pldr/index.ts';

/** The tensors that a model deduces from a text, in the order of their making; attention is read through the last. */
export const DEDUCED = ['A', 'A_LM', 'A_P', 'G_LM'] as const;

export type DeducedName = (typeof DEDUCED)[number];

/** Something of each tensor that a model deduces: of G_LM in any case, of the others where its variant has them. */
export type ByDeduced<T> = Readonly<Partial<Record<DeducedName, T>>> & { readonly G_LM: T };

/** What one layer deduces: [head, row, col] each. */
export type LayerDeductions = ByDeduced<Float32Array>;

/** What a text makes of a model: by layer, and the logits of every position [pos, vocab]. */
export interface ReadText {
  readonly layers: readonly LayerDeductions[];
  /** Of each layer, [head, pos, key]. */
  readonly attention: readonly Float32Array[];
  readonly logits: readonly Float32Array[];
}

/** The names of what is there, in the order of their making. */
export const deducedIn = (of: ByDeduced<unknown>): readonly DeducedName[] =>
  DEDUCED.filter((name) => of[name] !== undefined);

/** Something for each tensor that is there. */
export function mapDeduced<T, R>(of: ByDeduced<T>, make: (value: T, name: DeducedName) => R): ByDeduced<R> {
  const { A, A_LM, A_P, G_LM } = of;
  return {
    ...(A === undefined ? {} : { A: make(A, 'A') }),
    ...(A_LM === undefined ? {} : { A_LM: make(A_LM, 'A_LM') }),
    ...(A_P === undefined ? {} : { A_P: make(A_P, 'A_P') }),
    G_LM: make(G_LM, 'G_LM'),
  };
}

/** One of the tensors. @throws Error where it is not there: a model deduces the same tensors from every text */
export function deduced<T>(of: ByDeduced<T>, name: DeducedName): T {
  const found = of[name];
  if (found === undefined) throw new Error(`deductions: ${name} is deduced from one text and not from another`);
  return found;
}

/** Reads a text with a model that deduces an operator. @throws as `forward` */
export async function readText(model: PldrModel, ids: readonly number[]): Promise<ReadText> {
  const result = await forward(model, { rows: [ids] }, { deductive: true });
  const layers = operatorsOf(result, model.config);
  const attention = layers.map((_, l) => result.tensors[`prefill.layer${l}.attention`].data);
  const { shape: [, length, vocab], data } = result.tensors['prefill.logits'];
  return { layers, attention, logits: Array.from({ length }, (_, at) => data.subarray(at * vocab, (at + 1) * vocab)) };
}

/**
 * What each layer has deduced in a pass with deductive outputs. A layer without an operator has the identity, and a
 * tensor that lacks the axis of heads is that of each of them.
 */
export function operatorsOf({ tensors }: Pick<ForwardResult, 'tensors'>, config: PldrConfig): readonly LayerDeductions[] {
  const { layers, heads, headDim: d } = config;
  const everyHead = (x: HostTensor): Float32Array =>
    (x.data.length === d * d ? Float32Array.from({ length: heads * d * d }, (_, i) => x.data[i % (d * d)]) : x.data);
  const inEvery = (name: DeducedName): boolean =>
    Array.from({ length: layers }, (_, l) => tensors[`prefill.layer${l}.${name}`]).every((x) => x !== undefined);
  const names = DEDUCED.filter(inEvery);
  const identity = Float32Array.from({ length: heads * d * d }, (_, i) => (Math.floor(i / d) % d === i % d ? 1 : 0));
  return Array.from({ length: layers }, (_, l) => {
    const of = (name: DeducedName): Float32Array => {
      const own = tensors[`prefill.layer${l}.${name}`];
      return own === undefined ? identity : everyHead(own);
    };
    return mapDeduced({ ...Object.fromEntries(names.map((name) => [name, name])), G_LM: 'G_LM' }, (_name, name) => of(name));
  });
}
