import type { PldrConfig } from './config.ts';
import { GIVEN_G, GIVEN_G_STATUS } from './parameters.ts';

/** Whose initialisation: the original repository's, or the Hugging Face port's (spec section 4). */
export type InitScheme = 'authors' | 'hf';

/** How the elements of a new parameter are drawn. */
export type InitialValues =
  | { readonly kind: 'constant'; readonly value: number }
  /** Uniform in (-bound, bound). */
  | { readonly kind: 'uniform'; readonly bound: number }
  /** Mean 0. */
  | { readonly kind: 'normal'; readonly deviation: number }
  /** `GIVEN_G`: zeros for A and A_LM, and for G_LM the identity, N(0, 1), or numbers [layer, head, row, col]. */
  | { readonly kind: 'given-g'; readonly g: 'identity' | 'random' | Float32Array };

const ZERO: InitialValues = { kind: 'constant', value: 0 };
const ONE: InitialValues = { kind: 'constant', value: 1 };

/**
 * The initial values of the parameter `name` of `parameterShapes(config)`, or of a variant's own: a matrix by Xavier's
 * rule, a gain as 1, else 0.
 */
export function initialValues(
  name: string,
  shape: readonly number[],
  config: PldrConfig,
  scheme: InitScheme,
): InitialValues {
  // An external G starts as the identity and is meant to be replaced.
  if (name === GIVEN_G) return { kind: 'given-g', g: config.customG === 'random' ? 'random' : 'identity' };
  if (name === GIVEN_G_STATUS) return ONE;
  if (name === 'decoder.embedding.weight') return { kind: 'normal', deviation: 1 };
  if (/\.layernorm[12A]\.weight$/.test(name)) return ONE;
  if (/\.(Wlst|pwlst|alst)$/.test(name)) return powerLawValues(config, scheme);
  // The authors initialise wk twice and wv never, which leaves it with its framework's default, bias included.
  if (scheme === 'authors' && /\.wv\./.test(name)) return { kind: 'uniform', bound: 1 / Math.sqrt(config.hiddenSize) };
  if (/\.(blst|balst)$/.test(name)) return ZERO;
  if (shape.length > 1) return xavierUniform(shape[shape.length - 1], shape[shape.length - 2]);
  return name.endsWith('.weight') ? ONE : ZERO;
}

const xavierUniform = (fanIn: number, fanOut: number): InitialValues => ({
  kind: 'uniform',
  bound: Math.sqrt(6 / (fanIn + fanOut)),
});

/** Xavier on the 3-D tensor [H, d, d]: fan in d·d, fan out H·d. */
function powerLawValues({ heads, headDim: d }: PldrConfig, scheme: InitScheme): InitialValues {
  return scheme === 'hf'
    ? xavierUniform(d * d, heads * d)
    : { kind: 'normal', deviation: Math.sqrt(2 / (d * d + heads * d)) };
}
