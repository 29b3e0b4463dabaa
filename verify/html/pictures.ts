import type { PldrConfig } from '../../models/pldr/index.ts';
import { DEDUCED, type ReadText } from '../invariance/deductions.ts';
import type { OverSteps } from '../invariance/over-steps.ts';
import type { LayerFacts } from '../operators/layers.ts';
import { curves, heatMap, smallMultiples, type Matrix } from '../pictures/index.ts';
import { picture, tag, type Html } from './html.ts';

const DRIFT = 'Change since the prompt, in the layer that moves most';

export const driftCurves = ({ steps }: OverSteps): Html => picture(curves(
  DEDUCED.map((name) => ({ name, y: steps.map((s) => Math.max(...s.change[name])) })),
  { title: DRIFT, xTitle: 'tokens after the prompt', yTitle: 'relative change' },
));

export const marginCurves = ({ steps }: OverSteps): Html => picture(curves(
  [{ name: 'margin of the chosen token', y: steps.map((s) => s.margin) },
    { name: 'twice the largest difference', y: steps.map((s) => 2 * s.logits) }],
  { title: 'A token is safe where its margin is above', xTitle: 'token', yTitle: 'logits', logarithmic: true },
));

/** One plot for each layer: singular values of G, a curve for each head. */
export const spectra = (layers: readonly LayerFacts[]): readonly Html[] => layers.map((layer, l) => picture(curves(
  layer.G_LM.heads.map((f, h) => ({ name: `head ${h}`, y: f.singularValues })),
  { title: `G_LM of layer ${l}`, xTitle: 'index', yTitle: 'singular value', logarithmic: true, height: 240 },
)));

/** A grid [layer, head] of each tensor. */
export const deducedMaps = ({ layers }: ReadText, { headDim }: PldrConfig): readonly Html[] => DEDUCED.map((name) =>
  grid(name, layers.map((layer) => matrices(layer[name], headDim, headDim))));

/** A grid [layer, head] of what looks at what, and each layer's mean over its heads, large. */
export function attentionMaps({ attention }: ReadText, tokens: readonly string[]): readonly Html[] {
  const n = tokens.length;
  const large = attention.map((data, l) => tag('details', {}, tag('summary', {}, `Layer ${l}, mean of its heads`),
    picture(heatMap(meanOf(matrices(data, n, n)), { rowLabels: tokens, columnLabels: tokens }))));
  return [grid('attention: positions down, keys across', attention.map((data) => matrices(data, n, n))), ...large];
}

function grid(title: string, panels: readonly (readonly Matrix[])[]): Html {
  const rowTitles = panels.map((_, l) => `layer ${l}`);
  const columnTitles = panels[0].map((_, h) => `head ${h}`);
  return picture(smallMultiples(panels, { title, rowTitles, columnTitles }));
}

/** Matrices that lie one after the other. */
function matrices(data: Float32Array, rows: number, columns: number): readonly Matrix[] {
  const size = rows * columns;
  return Array.from({ length: data.length / size }, (_, h) =>
    ({ rows, columns, values: data.subarray(h * size, (h + 1) * size) }));
}

function meanOf(list: readonly Matrix[]): Matrix {
  const [{ rows, columns }] = list;
  const values = Float64Array.from({ length: rows * columns }, (_, i) =>
    list.reduce((sum, m) => sum + m.values[i], 0) / list.length);
  return { rows, columns, values };
}
