import { isJsonObject, readJsonFile, showJson } from '../../runtime/safetensors/json.ts';
import { problemsError } from '../../runtime/safetensors/problems.ts';
import { openFields } from './config-fields.ts';
import type { Fields } from './config-fields.ts';

/** Where the operator G comes from when the model does not learn a net that makes it. */
export type CustomG = 'identity' | 'random' | 'external';

/**
 * What a PLDR-LLM computes. In brackets: the key of Hugging Face's config.json, and the symbol of the spec.
 * hiddenSize = heads × headDim and headDim is even, always.
 */
export interface PldrConfig {
  /** Rows of the embedding and of the head [vocab_size, V]. */
  readonly vocabSize: number;
  /** Width of the residual stream [hidden_size, D]. */
  readonly hiddenSize: number;
  /** Inner width of the gated feed-forward net [intermediate_size, F]. */
  readonly intermediateSize: number;
  /** Decoder layers [num_hidden_layers, L]. */
  readonly layers: number;
  /** Attention heads per layer; keys are not grouped [num_attention_heads, H]. */
  readonly heads: number;
  /** Width of one head, even because rotary embedding turns pairs [head_dim, d]. */
  readonly headDim: number;
  /** Activation of every gate [hidden_act]. */
  readonly hiddenAct: 'silu';
  /** Most positions of prompt and generated text together [max_position_embeddings, C]. */
  readonly contextLength: number;
  /** Added to the variance inside the square root of every layer norm [layer_norm_eps]. */
  readonly layerNormEps: number;
  /** Token that fills a row, blocked as a key [pad_token_id]. */
  readonly padId: number | null;
  /** Token that may start a text; the original never uses it [bos_token_id]. */
  readonly bosId: number | null;
  /** Token that ends a text [eos_token_id]. */
  readonly eosId: number | null;
  /** Base of the rotation angles [rope_theta]. */
  readonly ropeTheta: number;
  /** True: rotate neighbours (2m, 2m+1), GPT-J style; false: rotate (m, m + d/2), NeoX style [reference_rope]. */
  readonly referenceRope: boolean;
  /** Whether wq, wk, wv and dense have a bias [attention_bias]. */
  readonly attentionBias: boolean;
  /** Whether gluw1, gluw2 and gluw3 have a bias, also those of the metric learner [glu_bias]. */
  readonly gluBias: boolean;
  /** Whether the head has a bias [final_bias]. */
  readonly finalBias: boolean;
  /** Residual units of the metric learner [num_reslayerA, R]. */
  readonly residualUnits: number;
  /** Gated linear units in each residual unit [num_denseA, N]. */
  readonly gluPerUnit: number;
  /** Inner width of the metric learner's gated units [A_dff]. */
  readonly metricWidth: number;
  /** Null when G is learned; otherwise the model has no net that makes G [custom_G_type]. */
  readonly customG: CustomG | null;
  /** Whether every row of a batch continues with row 0's G after the prompt [cache_first_G]. */
  readonly cacheFirstG: boolean;
}

/**
 * Reads the contents of a config.json. An absent key takes the default of the Hugging Face port; null derives
 * hidden_size, intermediate_size and A_dff from the heads. Unknown keys are ignored.
 * @param file named in the error
 * @throws RicciError `config/invalid` that lists every problem
 */
export function parseConfig(json: unknown, file = 'config.json'): PldrConfig {
  const problems: string[] = [];
  if (!isJsonObject(json)) problems.push(`it is ${showJson(json)}, not a JSON object`);
  const fields = openFields(isJsonObject(json) ? json : {}, problems);
  if (isJsonObject(json)) checkSupported(fields, problems);
  const sizes = readSizes(fields, problems);
  const config: PldrConfig = {
    ...sizes,
    hiddenAct: 'silu',
    layerNormEps: fields.positive('layer_norm_eps', 1e-6),
    ...readTokens(fields, sizes.vocabSize),
    ropeTheta: fields.positive('rope_theta', 10000),
    referenceRope: fields.flag('reference_rope', true),
    attentionBias: fields.flag('attention_bias', true),
    gluBias: fields.flag('glu_bias', true),
    finalBias: fields.flag('final_bias', true),
    customG: readCustomG(fields, problems),
    cacheFirstG: fields.flag('cache_first_G', false),
  };
  if (problems.length === 0) return config;
  throw problemsError({
    code: 'config/invalid',
    subject: `${file} does not describe a PLDR-LLM that can be run`,
    problems,
    hint: 'Correct these keys; an absent key takes its default.',
  });
}

/**
 * Reads a config.json file.
 * @throws RicciError `config/missing-file`, `config/unreadable`, `config/not-json`, `config/invalid`
 */
export const loadConfig = async (path: string): Promise<PldrConfig> =>
  parseConfig(await readJsonFile(path, 'config'), path);

/** Keys with one supported value: anything else names a model that this code would compute wrongly. */
function checkSupported(fields: Fields, problems: string[]): void {
  const modelType = fields.raw('model_type');
  if (modelType !== 'pldrllm') problems.push(`model_type is ${showJson(modelType)}, expected "pldrllm"`);
  const activation = fields.raw('hidden_act') ?? 'silu';
  if (activation !== 'silu') problems.push(`hidden_act is ${showJson(activation)}, only "silu" is supported`);
  const scaling = fields.raw('rope_scaling') ?? null;
  if (scaling !== null) problems.push(`rope_scaling is ${showJson(scaling)}, only null is supported`);
  if (fields.flag('tie_word_embeddings', false)) {
    problems.push('tie_word_embeddings is true, but a PLDR-LLM has a head of its own (final_layer)');
  }
}

type Sizes = Pick<
  PldrConfig,
  | 'vocabSize'
  | 'hiddenSize'
  | 'intermediateSize'
  | 'layers'
  | 'heads'
  | 'headDim'
  | 'contextLength'
  | 'residualUnits'
  | 'gluPerUnit'
  | 'metricWidth'
>;

function readSizes(fields: Fields, problems: string[]): Sizes {
  const heads = fields.size('num_attention_heads', 14);
  const headDim = fields.size('head_dim', 64);
  const hiddenSize = fields.derivedSize('hidden_size', 896, heads * headDim);
  if (headDim % 2 !== 0) problems.push(`head_dim is ${headDim}, but rotary embedding needs an even width`);
  if (hiddenSize !== heads * headDim) {
    problems.push(
      `hidden_size is ${hiddenSize}, but num_attention_heads × head_dim = ${heads} × ${headDim} = ${heads * headDim}`,
    );
  }
  return {
    vocabSize: fields.size('vocab_size', 32000),
    hiddenSize,
    intermediateSize: fields.derivedSize('intermediate_size', 2389, Math.floor((heads * headDim * 8) / 3)),
    layers: fields.size('num_hidden_layers', 5),
    heads,
    headDim,
    contextLength: fields.size('max_position_embeddings', 1024),
    residualUnits: fields.size('num_reslayerA', 8),
    gluPerUnit: fields.size('num_denseA', 2),
    metricWidth: fields.derivedSize('A_dff', 170, Math.floor((headDim * 8) / 3)),
  };
}

const readTokens = (fields: Fields, vocabSize: number): Pick<PldrConfig, 'padId' | 'bosId' | 'eosId'> => ({
  padId: fields.token('pad_token_id', 0, vocabSize),
  bosId: fields.token('bos_token_id', 2, vocabSize),
  eosId: fields.token('eos_token_id', 3, vocabSize),
});

function readCustomG(fields: Fields, problems: string[]): CustomG | null {
  const value = fields.raw('custom_G_type') ?? null;
  if (value === null || value === 'identity' || value === 'random' || value === 'external') return value;
  problems.push(`custom_G_type is ${showJson(value)}, expected null, "identity", "random" or "external"`);
  return null;
}
