import type { PldrConfig } from '../../../models/pldr/config.ts';
import { parameterShapes } from '../../../models/pldr/parameters.ts';
import type { Weights } from '../../../verify/arbitraries/weights/index.ts';
import type { InterpretedModel } from '../../../verify/interpreted/reading.ts';

/** Where a channel of the neighbouring style stands in the style of halves: pair m is (2m, 2m + 1), or (m, m + d/2). */
const halvesOf = (d: number): readonly number[] =>
  Array.from({ length: d }, (_, j) => (j < d / 2 ? 2 * j : 2 * (j - d / 2) + 1));

/** Axes that count channels of one head, or of all heads side by side, in each weight that the rotation reaches. */
function channelAxes(name: string): readonly number[] {
  if (/\.mha1\.(wq|wk)\./.test(name)) return [0];
  if (/\.mha1\.layernorm1\./.test(name) || /\.layernormA\./.test(name)) return [0];
  if (/\.denseAs\.\d+\.gluw[12]\.weight$/.test(name)) return [1];
  if (/\.denseAs\.\d+\.gluw3\.(weight|bias)$/.test(name)) return [0];
  if (/\.plgatt_layer\./.test(name)) return [1, 2];
  return [];
}

/** The model that turns channels by halves and computes what this model, which turns neighbours, computes. */
export function turnedByHalves({ config, weights }: InterpretedModel): InterpretedModel {
  const shapes = parameterShapes(config);
  const permuted: Weights = new Map(
    [...weights].map(([name, data]) => {
      const shape = shapes.get(name) ?? [];
      return [name, channelAxes(name).reduce((x, axis) => permuteAxis(x, shape, axis, config), data)];
    }),
  );
  return { config: { ...config, referenceRope: false }, weights: permuted };
}

function permuteAxis(
  data: Float64Array,
  shape: readonly number[],
  axis: number,
  { headDim }: PldrConfig,
): Float64Array {
  const from = halvesOf(headDim);
  const inner = shape.slice(axis + 1).reduce((n, s) => n * s, 1);
  return data.map((_, i) => {
    const at = Math.floor(i / inner) % shape[axis];
    const channel = at % headDim;
    return data[i + (from[channel] - channel) * inner];
  });
}
