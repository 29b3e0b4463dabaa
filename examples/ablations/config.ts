import { dirname } from 'node:path';
import { RicciError } from 'ricci/dsl';
import {
  choice, integer, listOf, orNull, parseSchema, parseTrainConfig, pathOf, positive, text, texts, TRAIN_SCHEMA,
  type TrainConfig, type ValuesOf,
} from 'ricci/train';
import { isVariantName, VARIANTS, type VariantName } from './variants.ts';

/** A training's configuration, the recipe that all variants follow, with some keys more. */
const SCHEMA = {
  ...TRAIN_SCHEMA,
  /** Names of `variants.ts`, in the order of the report. */
  variants: texts(),
  /** Texts between which G moves, two or more; the first is the one whose operators are shown. */
  prompts: texts(),
  /** Whose G the transferred variant has. */
  transfer: {
    /** A checkpoint's folder; null for the learned run of the same command. */
    from: orNull(pathOf(text('checkpoint'))),
    /** What its G is made of; null for the empty prompt, which is one end token, as the authors do. */
    prompt: orNull(text('prompt')),
  },
  /** The learned variant is trained with each of these rates and each of these warm-ups, too. */
  sweep: { peak: listOf(positive(1e-3), 'numbers > 0'), warmup: listOf(integer(0, 0), 'integers >= 0') },
  /** Where all runs and the report go, from the working directory on. */
  out: text('runs/ablations'),
  device: choice('auto', 'cpu', 'webgpu'),
  /** Of the CPU; null for one for each core. */
  threads: orNull(integer(1, 1)),
} as const;

type Keys = ValuesOf<typeof SCHEMA>;

export interface AblationConfig extends Pick<Keys, 'prompts' | 'transfer' | 'sweep' | 'out' | 'device' | 'threads'> {
  readonly variants: readonly VariantName[];
  /** What all runs have in common. */
  readonly recipe: TrainConfig;
  /** The folder of the configuration's file, from which its paths count. */
  readonly base: string;
}

/**
 * Reads what is to be compared. A variant's checkpoints are all kept, since they are what is studied afterwards.
 * @param args keys that go before those of the JSON: `['--steps', '50', '--variants', 'learned,dag']`
 * @throws RicciError `train/config` that lists every problem
 */
export function parseAblations(json: unknown, args: readonly string[], file: string): AblationConfig {
  const base = dirname(file);
  const { config, problems } = parseSchema(SCHEMA, json, args, base);
  const { variants, prompts, transfer, sweep, out, device, threads, ...training } = config;
  const all = [...problems, ...unknown(variants), ...contradictions(config)];
  if (all.length > 0) throw problem(file, all);
  const recipe = parseTrainConfig(training, [], file);
  return {
    variants: variants.filter(isVariantName), prompts, transfer, sweep, out, device, threads, base,
    recipe: { ...recipe, save: { ...recipe.save, keep: recipe.steps } },
  };
}

const unknown = (names: readonly string[]): readonly string[] => names.filter((name) => !isVariantName(name))
  .map((name) => `variants names "${name}", and there are ${Object.keys(VARIANTS).join(', ')}`);

function contradictions(config: Keys): readonly string[] {
  const { variants, prompts, transfer, sweep, steps, learningRate, model } = config;
  const problems: string[] = [];
  if (variants.length === 0) problems.push('variants names none');
  if (new Set(variants).size < variants.length) problems.push('variants names one twice');
  if (model.from !== null || model.variant !== null) {
    problems.push('model.from and model.variant are for each variant to say');
  }
  if (prompts.length < 2) problems.push(`prompts are ${prompts.length}, and G moves between two or more`);
  if (variants.includes('transferred') && transfer.from === null && !variants.includes('learned')) {
    problems.push('the transferred variant needs the learned one beside it, or transfer.from');
  }
  if (sweep.peak.length > 0 !== sweep.warmup.length > 0) problems.push('sweep needs both peak and warmup');
  if (learningRate.schedule !== 'constant') {
    const late = sweep.warmup.filter((warmup) => warmup >= steps);
    if (late.length > 0) problems.push(`sweep.warmup has ${late.join(', ')}, and there are only ${steps} steps`);
  }
  return problems;
}

const problem = (file: string, problems: readonly string[]): RicciError => new RicciError({
  code: 'train/config',
  message: [`${file} does not describe a comparison:`, ...problems.map((one) => `  - ${one}`)].join('\n'),
  hint: 'Correct these keys.',
});
