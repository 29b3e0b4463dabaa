import type { PldrConfig } from './config.ts';

type Shape = readonly number[];
type Named = readonly (readonly [name: string, shape: Shape])[];

/** The given operator: [L, 3, 1, H, d, d], axis 1 = (A, A_LM, G_LM), of which only G_LM is used. */
export const GIVEN_G = 'decoder.past_G_values';
/** Per layer, whether its given operator has been filled in: boolean [L]. */
export const GIVEN_G_STATUS = 'decoder.past_G_values_status';

/**
 * Every tensor of a checkpoint with this configuration (spec 1.1), in the order of the network: name → shape.
 * Weights of linear maps are [out, in]. Biases are absent when their flag is false; the net that makes G is absent
 * when G is given, and `GIVEN_G`, `GIVEN_G_STATUS` are then present.
 */
export function parameterShapes(config: PldrConfig): ReadonlyMap<string, Shape> {
  const { vocabSize: V, hiddenSize: D, layers, heads, headDim } = config;
  const given: Named = [
    [GIVEN_G, [layers, 3, 1, heads, headDim, headDim]],
    [GIVEN_G_STATUS, [layers]],
  ];
  return new Map([
    ...under('decoder.embedding', [['weight', [V, D]]]),
    ...under('decoder.layernorm1', layerNorm(D)),
    ...units(layers).flatMap((i) => under(`decoder.dec_layers.${i}`, decoderLayer(config))),
    ...under('final_layer', linear(V, D, config.finalBias)),
    ...(config.customG === null ? [] : given),
  ]);
}

const under = (prefix: string, named: Named): Named => named.map(([name, shape]) => [`${prefix}.${name}`, shape]);

const units = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

const linear = (out: number, into: number, bias: boolean): Named =>
  bias ? [['weight', [out, into]], ['bias', [out]]] : [['weight', [out, into]]];

const layerNorm = (width: number): Named => [['weight', [width]], ['bias', [width]]];

/** W3(silu(W1 x) ∘ W2 x). */
const gatedUnit = (width: number, inner: number, bias: boolean): Named => [
  ...under('gluw1', linear(inner, width, bias)),
  ...under('gluw2', linear(inner, width, bias)),
  ...under('gluw3', linear(width, inner, bias)),
];

function decoderLayer(config: PldrConfig): Named {
  const { hiddenSize: D, attentionBias } = config;
  return [
    ...['wq', 'wk', 'wv', 'dense'].flatMap((name) => under(`mha1.${name}`, linear(D, D, attentionBias))),
    ...(config.customG === null ? under('mha1', operatorNet(config)) : []),
    ...under('layernorm1', layerNorm(D)),
    ...under('ffn', gatedUnit(D, config.intermediateSize, config.gluBias)),
    ...under('layernorm2', layerNorm(D)),
  ];
}

/** The net that makes G out of the density matrix; the metric learner is shared by the heads of a layer. */
function operatorNet(config: PldrConfig): Named {
  const { heads, headDim: d } = config;
  const unit: Named = [
    ...units(config.gluPerUnit).flatMap((n) =>
      under(`denseAs.${n}`, gatedUnit(d, config.metricWidth, config.gluBias)),
    ),
    ...under('layernormA', layerNorm(d)),
  ];
  const powerLaw: Named = ['Wlst', 'blst', 'pwlst', 'alst', 'balst'].map((name) => [name, [heads, d, d]]);
  return [
    ...under('layernorm1', layerNorm(d)),
    ...units(config.residualUnits).flatMap((r) => under(`reslayerAs.${r}`, unit)),
    ...under('plgatt_layer', powerLaw),
  ];
}
