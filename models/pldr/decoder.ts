import { add, gather, mul, parameter, type Has, type Tensor } from '../../dsl/index.ts';
import { attention, type AttentionTrace, type Stream } from './attention.ts';
import type { Axes } from './axes.ts';
import type { PldrConfig } from './config.ts';
import type { Inputs } from './inputs.ts';
import { variantOf, type Variant } from './operator.ts';
import { gatedUnit, norm, project } from './weights.ts';

export interface LayerTrace extends AttentionTrace {
  /** The layer's output. */
  readonly h: Stream;
}

export interface Decoded {
  /** What the first layer reads. */
  readonly embedded: Stream;
  readonly hidden: Stream;
  readonly layers: readonly LayerTrace[];
}

/**
 * The decoder of PLDR-LLM (arXiv 2502.13502): scaled and normalised embeddings, then layers of attention and gated
 * feed-forward net, each added to its input and normalised after (post-norm). There is no norm before the head.
 */
export function decoder(inputs: Inputs, axes: Axes, config: PldrConfig, variant: Variant = variantOf(config)): Decoded {
  const { Vocab, Embed, Inner } = axes;
  const table = parameter('decoder.embedding.weight', [Vocab, Embed]);
  const embedded = mul(gather(table, Vocab, inputs.ids), Math.sqrt(config.hiddenSize));
  let x = norm(embedded, Embed, 'decoder.layernorm1', config.layerNormEps);
  const first = x;
  const layers: LayerTrace[] = [];
  for (let i = 0; i < config.layers; i++) {
    const name = `decoder.dec_layers.${i}`;
    const { out, trace } = attention(x, i, variant, inputs, axes, config);
    const h = norm(add(out, x), Embed, `${name}.layernorm1`, config.layerNormEps);
    const fed = gatedUnit(h, Embed, Inner, `${name}.ffn`, config.gluBias);
    x = norm(add(fed, h), Embed, `${name}.layernorm2`, config.layerNormEps);
    layers.push({ ...trace, h: x });
  }
  return { embedded: first, hidden: x, layers };
}

/** Logits of hidden states, along whatever axes they have besides `embed`. */
export function head<A extends string>(
  hidden: Tensor<A> & Has<A, 'embed'>,
  { Embed, Vocab }: Axes,
  config: PldrConfig,
): Tensor<Exclude<A, 'embed'> | 'vocab'> {
  return project(hidden, Embed, Vocab, 'final_layer', config.finalBias);
}
