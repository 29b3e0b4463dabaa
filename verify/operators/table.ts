import { deduced, deducedIn } from '../invariance/deductions.ts';
import type { LayerFacts, TensorFacts } from './layers.ts';
import type { MatrixFacts } from './matrix-facts.ts';

/** Titles of the columns of `operatorRows`; the first two name the layer and the tensor. */
export const OPERATOR_TITLES = [
  'layer', '', 'rank', 'σ₁', 'share of σ₁', 'log₁₀|det|', 'radius', 'rows differ by', 'not with RoPE',
  'RMSE of heads',
] as const;

/** A row of text for each tensor of each layer: the smallest and the largest of its heads. */
export const operatorRows = (layers: readonly LayerFacts[]): readonly (readonly string[])[] =>
  layers.flatMap((layer, l) =>
    deducedIn(layer).map((name, i) => [i === 0 ? String(l) : '', name, ...cells(deduced(layer, name))]));

function cells({ heads, between, rotation }: TensorFacts): readonly string[] {
  const range = (of: (f: MatrixFacts) => number): string => extremes(heads.map(of));
  return [
    range((f) => f.rankInSingle), range((f) => f.singularValues[0]), range((f) => f.shareOfFirst),
    range((f) => f.log10Det), range((f) => f.spectralRadius), range((f) => f.rowDeviation), extremes(rotation),
    short(between.pairs),
  ];
}

/** The smallest and the largest number as text; one where they read the same. */
export function extremes(xs: readonly number[]): string {
  const [least, most] = [Math.min(...xs), Math.max(...xs)].map(short);
  return least === most ? least : `${least} … ${most}`;
}

function short(x: number): string {
  if (Number.isInteger(x) || !Number.isFinite(x)) return String(x);
  return Math.abs(x) >= 1e-3 ? String(Number(x.toPrecision(3))) : x.toExponential(1);
}
