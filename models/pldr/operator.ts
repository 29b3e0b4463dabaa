import {
  add, axis, dot, freeze, gather, input, iswiglu, map, mul, parameter, pow, rename, tensorOf, type Has, type Tensor,
} from '../../dsl/index.ts';
import type { Axes } from './axes.ts';
import type { PldrConfig } from './config.ts';
import { gatedUnit, norm } from './weights.ts';

/** An operator of one layer: one matrix for each row of the batch and each head. */
export type Operator = Tensor<'batch' | 'head' | 'row' | 'col'>;

/** Rotated queries and keys of one layer. */
export type PerHead = Tensor<'batch' | 'pos' | 'head' | 'dk'>;

/** What a variant makes its operator from. */
export interface OperatorInput {
  readonly q: PerHead;
  readonly k: PerHead;
  /** 1 for positions that count in the density, 0 for padding that does not [batch, pos]. */
  readonly present: Tensor<'batch' | 'pos'>;
  readonly axes: Axes;
  readonly config: PldrConfig;
  readonly layer: number;
}

/** The operator with what it was deduced from, as far as the variant has it. */
export interface Deduced {
  readonly G: Operator;
  readonly A?: Operator;
  readonly A_LM?: Operator;
  readonly A_P?: Operator;
}

/** How a model makes G; `undefined` stands for the identity, which is scaled dot-product attention. */
export type Variant = (input: OperatorInput) => Deduced | undefined;

/**
 * QᵀQ over all positions of a row: the density that the metric learner starts from. The norm after it subtracts its
 * mean, so the sum keeps what its roundings lose.
 */
export function density({ q, present, axes: { Dk, Row, Col, Pos } }: OperatorInput): Operator {
  return dot(mul(rename(q, Dk, Row), present), rename(q, Dk, Col), Pos, { compensated: true });
}

/**
 * Power law graph attention's operator from a density (arXiv 2502.13502, section 2; spec section 2.1):
 * A = residual metric learner of the density, A_LM = iSwiGLU(W·A + b) + 1e-9, A_P = A_LM^pw, G_LM = a·A_P + ba.
 */
export function powerLawOperator(d: Operator, input: OperatorInput): Deduced {
  const { axes: { Head, Row, Col, Mid }, layer } = input;
  const name = `decoder.dec_layers.${layer}.mha1.plgatt_layer`;
  const own = (weight: string): Tensor<'head' | 'row' | 'col'> => parameter(`${name}.${weight}`, [Head, Row, Col]);
  const left = (weight: string): Tensor<'head' | 'row' | 'mid'> => parameter(`${name}.${weight}`, [Head, Row, Mid]);
  const A = freeze(metricLearner(d, input), `layer${layer}.A`);
  // Powers magnify what U has lost, and span many magnitudes that cancel in G: both sums keep what their roundings
  // lose.
  const U = add(dot(left('Wlst'), rename(A, Row, Mid), Mid, { compensated: true }), own('blst'));
  const A_LM = add(map(iswiglu, U), 1e-9);
  const A_P = pow(A_LM, own('pwlst'));
  const G = add(dot(left('alst'), rename(A_P, Row, Mid), Mid, { compensated: true }), own('balst'));
  return { G, A, A_LM, A_P };
}

/** The residual net over the density's rows: units of gated layers, each added to its input and normalised. */
function metricLearner(d: Operator, { axes: { Col, Metric }, config, layer }: OperatorInput): Operator {
  const name = `decoder.dec_layers.${layer}.mha1`;
  let A = norm(d, Col, `${name}.layernorm1`, config.layerNormEps);
  for (let r = 0; r < config.residualUnits; r++) {
    const unit = `${name}.reslayerAs.${r}`;
    let x = A;
    for (let n = 0; n < config.gluPerUnit; n++) x = gatedUnit(x, Col, Metric, `${unit}.denseAs.${n}`, config.gluBias);
    A = norm(add(x, A), Col, `${unit}.layernormA`, config.layerNormEps);
  }
  return A;
}

/** PLDR-LLM as published: G is learned from the density of the queries. */
export const learned: Variant = (input) => powerLawOperator(density(input), input);

/** G = I: scaled dot-product attention. */
export const identity: Variant = () => undefined;

/** G stored in the checkpoint: slot 2 of `decoder.past_G_values` [layer, (A, A_LM, G), 1, head, row, col]. */
export const stored: Variant = ({ axes: { Head, Row, Col }, config, layer }) => {
  const Layer = axis('layer', config.layers);
  const Slot = axis('slot', 3);
  const One = axis('one', 1);
  const all = parameter('decoder.past_G_values', [Layer, Slot, One, Head, Row, Col]);
  return { G: asOperator(gather(gather(gather(all, Layer, layer), Slot, 2), One, 0)) };
};

/** G given by the caller with every run, whatever the model would make: input `G` [layer, head, row, col]. */
export const given: Variant = ({ axes: { Head, Row, Col }, config, layer }) => {
  const Layer = axis('layer', config.layers);
  return { G: asOperator(gather(input('G', [Layer, Head, Row, Col]), Layer, layer)) };
};

/** One operator for all rows of a batch, for all heads, or for both: it lacks these axes, and broadcasts along them. */
export const asOperator = <A extends 'batch' | 'head' | 'row' | 'col'>(G: Tensor<A> & Has<A, 'row' | 'col'>): Operator =>
  tensorOf(G.node);

/** The variant that a configuration names. */
export function variantOf(config: PldrConfig): Variant {
  switch (config.customG) {
    case null: return learned;
    case 'identity': return identity;
    case 'random': case 'external': return stored;
  }
}
