import {
  cache, dot, freeze, iota, lessEqual, merge, mul, rename, rotary, softmax, split, where, type Tensor,
} from '../../dsl/index.ts';
import type { Axes } from './axes.ts';
import type { PldrConfig } from './config.ts';
import type { Inputs } from './inputs.ts';
import type { Deduced, Operator, PerHead, Variant } from './operator.ts';
import { project } from './weights.ts';

export type Stream = Tensor<'batch' | 'pos' | 'embed'>;

/** What a layer's attention computed on the way. */
export interface AttentionTrace extends Partial<Deduced> {
  /** Probabilities over keys. */
  readonly attention: Tensor<'batch' | 'pos' | 'head' | 'key'>;
}

/** A blocked score; a row in which every key is blocked weighs all of them alike, as the authors' code does. */
const BLOCKED = -3.4028234663852886e38;

/** softmax(Q·G·Kᵀ / √d + mask)·V, projected; G as the variant makes it. */
export function attention(
  x: Stream,
  layer: number,
  variant: Variant,
  inputs: Inputs,
  axes: Axes,
  config: PldrConfig,
): { readonly out: Stream; readonly trace: AttentionTrace } {
  const { Pos, Key, Embed, Heads, Head, Dk } = axes;
  const name = `decoder.dec_layers.${layer}.mha1`;
  const heads = (weight: string): PerHead =>
    split(project(x, Embed, Heads, `${name}.${weight}`, config.attentionBias), Heads, Head, Dk);
  const turn = (t: PerHead): PerHead => rotary(t, Dk, inputs.position, {
    pairs: config.referenceRope ? 'neighbours' : 'halves', base: config.ropeTheta, context: config.contextLength,
  });
  const q = turn(heads('wq'));
  const k = turn(heads('wk'));
  const v = heads('wv');

  const deduced = variant({ q, k, present: inputs.present, axes, config, layer });
  const G = deduced && freeze(deduced.G, `layer${layer}.G`);
  const keys = cache(k, Pos, Key, `layer${layer}.k`);
  const values = cache(v, Pos, Key, `layer${layer}.v`);
  const seen = mul(inputs.visible, lessEqual(iota(Key), iota(Pos)));
  const scores = where(seen, mul(scoresUnder(G, q, keys, axes), 1 / Math.sqrt(config.headDim)), BLOCKED);
  const weights = softmax(scores, Key);
  const mixed = mul(dot(weights, values, Key), inputs.attends);
  const out = project(merge(mixed, Head, Dk, Heads), Heads, Embed, `${name}.dense`, config.attentionBias);
  return { out, trace: { ...deduced, ...(G === undefined ? {} : { G }), attention: weights } };
}

/** qᵀGk, or qᵀk where G is the identity. Scores under a learned G reach hundreds and softmax magnifies their errors. */
function scoresUnder(
  G: Operator | undefined,
  q: PerHead,
  keys: Tensor<'batch' | 'key' | 'head' | 'dk'>,
  { Dk, Row, Col }: Axes,
): Tensor<'batch' | 'pos' | 'head' | 'key'> {
  if (G === undefined) return dot(q, keys, Dk);
  return dot(dot(rename(q, Dk, Row), G, Row, { compensated: true }), rename(keys, Dk, Col), Col);
}
