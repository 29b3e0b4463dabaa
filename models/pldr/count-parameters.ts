import type { PldrConfig } from './config.ts';
import type { Variant } from './operator.ts';
import { GIVEN_G } from './parameters.ts';
import { weightsRead } from './weights-read.ts';

/**
 * Number of trained parameters (a given G is not one of them), by the closed formula of spec 1.2:
 * 2VD + V + 2D + L·(4(D² + D) + 3DF + 2F + D + 4D + P), with P the metric learner and the power law weights.
 * A bias term drops out when its flag is false. With a variant of the caller's own, the weights that it reads are counted.
 */
export function countParameters(config: PldrConfig, variant?: Variant): number {
  if (variant !== undefined) return entriesOf(weightsRead(config, variant));
  const { vocabSize: V, hiddenSize: D, intermediateSize: F, layers: L } = config;
  const attention = 4 * (D * D + (config.attentionBias ? D : 0));
  const feedForward = gatedUnit(D, F, config.gluBias);
  const norms = 4 * D;
  const head = V * D + (config.finalBias ? V : 0);
  return V * D + 2 * D + head + L * (attention + feedForward + norms + operatorNet(config));
}

const entriesOf = (weights: ReadonlyMap<string, readonly number[]>): number =>
  [...weights].reduce((sum, [name, shape]) => sum + (name === GIVEN_G ? 0 : shape.reduce((n, s) => n * s, 1)), 0);

/** P of spec 1.2: what one layer spends on making G; 0 when G is given. */
function operatorNet(config: PldrConfig): number {
  if (config.customG !== null) return 0;
  const { heads: H, headDim: d } = config;
  const unit = config.gluPerUnit * gatedUnit(d, config.metricWidth, config.gluBias) + 2 * d;
  return 5 * H * d * d + 2 * d + config.residualUnits * unit;
}

/** W3(silu(W1 x) ∘ W2 x) from `width` through `inner` back to `width`. */
const gatedUnit = (width: number, inner: number, bias: boolean): number =>
  3 * width * inner + (bias ? 2 * inner + width : 0);
