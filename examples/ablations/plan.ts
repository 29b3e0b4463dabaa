import { isAbsolute, join, relative } from 'node:path';
import type { PldrConfig, Variant } from 'ricci/pldr';
import type { TrainConfig } from 'ricci/train';
import type { AblationConfig } from './config.ts';
import { VARIANTS, type AblationVariant } from './variants.ts';

/** One training. */
export interface Run {
  /** A path inside the folder of all runs: `learned`, or `sweep/peak-0.001-warmup-20`. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  readonly folder: string;
  /** The folder of the weights that it begins with. */
  readonly first: string;
  readonly config: TrainConfig;
  readonly model: PldrConfig;
  readonly variant: Variant | undefined;
}

/** A run of the learned variant with another learning rate or warm-up. */
export interface Cell {
  readonly peak: number;
  readonly warmup: number;
  readonly run: Run;
}

/** What is trained. Runs are all different; a cell of the sweep may be a run of the comparison. */
export interface Plan {
  readonly runs: readonly Run[];
  readonly sweep: readonly Cell[];
}

/** @param model what the recipe trains, without what variants change */
export function planOf(config: AblationConfig, model: PldrConfig): Plan {
  const { recipe, variants, sweep } = config;
  const runs = variants.map((name) => runOf(name, VARIANTS[name], recipe, { config, model }));
  const known = runs.find(({ name }) => name === 'learned');
  return {
    runs,
    sweep: sweep.peak.flatMap((peak) => sweep.warmup.map((warmup): Cell => {
      const own = { ...recipe, learningRate: { ...recipe.learningRate, peak, warmup } };
      const isKnown = peak === recipe.learningRate.peak && warmup === recipe.learningRate.warmup;
      const name = `sweep/peak-${peak}-warmup-${warmup}`;
      return { peak, warmup, run: (isKnown ? known : undefined) ?? runOf(name, VARIANTS.learned, own, { config, model }) };
    })),
  };
}

/** Every run once, in an order in which the learned one comes before what G is transferred to. */
export function inOrder({ runs, sweep }: Plan): readonly Run[] {
  const all = [...new Set([...runs, ...sweep.map(({ run }) => run)])];
  const [first, others] = [all.filter(isLearned), all.filter((run) => !isLearned(run))];
  return [...first, ...others];
}

export const isLearned = ({ name }: Run): boolean => name === 'learned';

/** Whether G of a run is to come from a trained model. */
export const isTransferred = ({ model }: Run): boolean => model.customG === 'external';

interface Shared {
  readonly config: AblationConfig;
  readonly model: PldrConfig;
}

function runOf(name: string, own: AblationVariant, recipe: TrainConfig, { config: { out, base }, model }: Shared): Run {
  const { title, about, variant } = own;
  // As the configuration's file would have it, so that it does not depend on where the command is run.
  const inFile = (path: string): string => (isAbsolute(path) ? path : relative(base, path));
  const [folder, first] = [join(out, name), join(out, name, 'first')];
  const config = { ...recipe, ...own.training?.(recipe) };
  return {
    name, title, about, folder, first, variant,
    model: { ...model, ...own.model },
    config: {
      ...config,
      model: { ...config.model, from: inFile(first) },
      // One file of tokens serves all.
      data: { ...config.data, tokens: config.data.tokens ?? inFile(join(out, 'corpus.tokens')) },
    },
  };
}
