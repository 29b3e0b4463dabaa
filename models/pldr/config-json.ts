import type { PldrConfig } from './config.ts';

/** torch's name of the dtype in which the weights are stored. */
export type TorchDtype = 'float32' | 'bfloat16' | 'float16';

/**
 * The config.json that the Hugging Face port reads for this model, every key explicit:
 * `parseConfig(configJson(config, dtype))` equals `config`.
 */
export const configJson = (config: PldrConfig, dtype: TorchDtype): Readonly<Record<string, unknown>> => ({
  architectures: ['PldrllmForCausalLM'],
  model_type: 'pldrllm',
  torch_dtype: dtype,
  vocab_size: config.vocabSize,
  hidden_size: config.hiddenSize,
  intermediate_size: config.intermediateSize,
  num_hidden_layers: config.layers,
  num_attention_heads: config.heads,
  head_dim: config.headDim,
  hidden_act: config.hiddenAct,
  max_position_embeddings: config.contextLength,
  layer_norm_eps: config.layerNormEps,
  use_cache: true,
  pad_token_id: config.padId,
  bos_token_id: config.bosId,
  eos_token_id: config.eosId,
  tie_word_embeddings: false,
  rope_theta: config.ropeTheta,
  rope_scaling: null,
  attention_bias: config.attentionBias,
  glu_bias: config.gluBias,
  final_bias: config.finalBias,
  attention_dropout: 0,
  reference_rope: config.referenceRope,
  num_reslayerA: config.residualUnits,
  num_denseA: config.gluPerUnit,
  A_dff: config.metricWidth,
  custom_G_type: config.customG,
  cache_first_G: config.cacheFirstG,
});
