/*
 * The variants that are trained beside each other. Each says what differs from PLDR-LLM as published, and nothing else:
 * texts, their order, the seed and with it all weights that two variants have in common are the same.
 *
 * Another variant is another entry here: how a layer makes G (`variant`), keys of the model's configuration (`model`),
 * keys of the training's (`training`). `--variants learned,keys` then trains it beside the first.
 */
import type { PldrConfig, Variant } from 'ricci/pldr';
import type { TrainConfig } from 'ricci/train';
import fromKeys from '../key-operator.ts';

export interface AblationVariant {
  /** What the report calls it. */
  readonly title: string;
  /** Where its G comes from, as a sentence. */
  readonly about: string;
  /** How a layer makes G, where neither the published way nor an operator of the checkpoint is meant. */
  readonly variant?: Variant;
  readonly model?: Partial<PldrConfig>;
  readonly training?: (recipe: TrainConfig) => Partial<TrainConfig>;
}

/** G = a·(iSwiGLU(W·A + b))^pw + ba, with A a deep net's reading of the queries' density (arXiv 2502.13502). */
const learned: AblationVariant = {
  title: 'learned',
  about: 'A deep net makes G from the density of the queries, and is trained with all else.',
};

/** Scaled dot-product attention. */
const identity: AblationVariant = {
  title: 'identity',
  about: 'G = I, which is scaled dot-product attention. There is no net.',
  model: { customG: 'identity' },
};

const random: AblationVariant = {
  title: 'random',
  about: 'The entries of G are drawn from N(0, 1) once, and are never trained.',
  model: { customG: 'random' },
};

/** Predetermined G: what a net has learned, without the net. */
const transferred: AblationVariant = {
  title: 'transferred',
  about: 'G is what a trained model makes of one prompt, and is never trained.',
  model: { customG: 'external' },
};

/** Towards operators that are directed graphs without cycles (arXiv 2410.16703), with the paper's coefficients. */
const dag: AblationVariant = {
  title: 'learned, DAG',
  about: 'As learned; the loss counts 0.05 of the DAG loss of each of A_LM, A_P and G.',
  training: () => ({ loss: { dag: { aLm: 0.05, aP: 0.05, gLm: 0.05 } } }),
};

/** What nobody has published, and an example of another declaration. */
const keys: AblationVariant = {
  title: 'of the keys',
  about: 'As learned, but from the density of the keys.',
  variant: fromKeys,
};

export const VARIANTS = { learned, identity, random, transferred, dag, keys } as const;

export type VariantName = keyof typeof VARIANTS;

export const isVariantName = (name: string): name is VariantName => Object.hasOwn(VARIANTS, name);
