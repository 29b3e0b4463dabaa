import type { PldrConfig } from '../../models/pldr/index.ts';
import { deduced, deducedIn, type ReadText } from '../invariance/deductions.ts';
import type { OverSteps } from '../invariance/over-steps.ts';
import type { LayerFacts } from '../operators/layers.ts';
import type { Invariance } from '../report.ts';
import { matricesOf, meanOf } from './matrices.ts';
import { large, layersAndHeads, plot, type Picture } from './picture.ts';

/** The pictures of what a text makes of a model, for a page and for files alike. */
export interface TextGallery {
  /** One for each of A, A_LM, A_P and G_LM that is there. */
  readonly deduced: readonly Picture[];
  /** All layers and heads, small. */
  readonly attention: Picture;
  /** One for each layer: the mean of its heads. */
  readonly attentionMeans: readonly Picture[];
}

/** All pictures of a report whose model deduces an operator. */
export interface Gallery extends TextGallery {
  readonly drift: Picture;
  readonly logProbabilities: Picture;
  readonly margins: Picture;
  /** One for each layer. */
  readonly singularValues: readonly Picture[];
}

/** What is drawn besides what was measured: what the first prompt made of the model, and its pieces. */
export interface Drawn {
  readonly read: ReadText;
  readonly tokens: readonly string[];
  readonly config: Pick<PldrConfig, 'headDim'>;
}

/** The pictures of what was measured of a model. */
export const galleryOf = ({ over }: Invariance, operators: readonly LayerFacts[], drawn: Drawn): Gallery => ({
  ...textGallery(drawn),
  drift: drift(over), logProbabilities: logProbabilities(over), margins: margins(over),
  singularValues: operators.map(singularValues),
});

/** The pictures of what a text makes of a model. */
export function textGallery({ read, tokens, config: { headDim } }: Drawn): TextGallery {
  const n = tokens.length;
  const attention = read.attention.map((data) => matricesOf(data, n, n));
  const labels = { rowLabels: tokens, columnLabels: tokens };
  return {
    deduced: deducedIn(read.layers[0]).map((name) =>
      layersAndHeads(name, name, read.layers.map((layer) => matricesOf(deduced(layer, name), headDim, headDim)))),
    attention: layersAndHeads('attention', 'attention: positions down, keys across', attention),
    attentionMeans: attention.map((heads, l) =>
      large(`attention-layer${l}`, meanOf(heads), { ...labels, title: `Attention of layer ${l}, mean of its heads` })),
  };
}

/** All pictures of a gallery, one after the other. */
export const picturesOf = (gallery: TextGallery | Gallery): readonly Picture[] => [
  ...('drift' in gallery
    ? [gallery.drift, gallery.logProbabilities, gallery.margins, ...gallery.singularValues] : []),
  ...gallery.deduced, gallery.attention, ...gallery.attentionMeans,
];

const DRIFT = 'Change since the prompt, in the layer that moves most';

const drift = ({ steps }: OverSteps): Picture => plot(
  'drift', deducedIn(steps[0].change).map((name) => ({ name, y: steps.map((s) => Math.max(...deduced(s.change, name))) })),
  { title: DRIFT, xTitle: 'tokens after the prompt', yTitle: 'relative change' },
);

/** The mean hides what single tokens lose and win. */
const logProbabilities = ({ steps }: OverSteps): Picture => plot(
  'log-probabilities', [{ name: 'anew less frozen', y: steps.map((s) => s.logProbability) }],
  { title: 'log p of each token, G made anew against the prompt’s', xTitle: 'token', yTitle: 'difference', height: 240 },
);

const margins = ({ steps }: OverSteps): Picture => plot(
  'margins',
  [{ name: 'margin of the chosen token', y: steps.map((s) => s.margin) },
    { name: 'twice the largest difference', y: steps.map((s) => 2 * s.logits) }],
  { title: 'A token is safe where its margin is above', xTitle: 'token', yTitle: 'logits', logarithmic: true },
);

/** Of G, a curve for each head. */
const singularValues = (layer: LayerFacts, l: number): Picture => plot(
  `singular-values-layer${l}`, layer.G_LM.heads.map((f, h) => ({ name: `head ${h}`, y: f.singularValues })),
  { title: `G_LM of layer ${l}`, xTitle: 'index', yTitle: 'singular value', logarithmic: true, height: 240 },
);
